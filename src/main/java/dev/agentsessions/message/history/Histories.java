package dev.agentsessions.message.history;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BiFunction;

import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.message.log.MessageFilter;
import dev.agentsessions.message.log.MessageLog;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.session.LogHead;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionReads;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.web.request.LimitSettings;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Writes;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

import org.springframework.stereotype.Service;

/**
 * Whole histories. Saving one reads and compares first, holding nothing, and then writes
 * only if the log is still the one it was compared with; if not, it compares again.
 */
@Service
class Histories {

	private static final Retry AGAIN = Retry.backoff(10, Duration.ofMillis(2))
		.maxBackoff(Duration.ofMillis(100))
		.jitter(0.5)
		.filter((error) -> error == MessageLog.CHANGED || error == Writes.CHANGED)
		.onRetryExhaustedThrow((spec, signal) -> Problems.busy("The session keeps changing; nothing was done."));

	private final SessionReads sessions;

	private final MessageLog log;

	private final Writes writes;

	private final LimitSettings limits;

	Histories(SessionReads sessions, MessageLog log, Writes writes, LimitSettings limits) {
		this.sessions = sessions;
		this.log = log;
		this.writes = writes;
		this.limits = limits;
	}

	/**
	 * Opens the whole log of a session, again if it changes while it is opened. Errors:
	 * 404, 410, 503.
	 * @param use gets the session and its messages in chunks, of which the first is read
	 * when the log is subscribed to
	 */
	<T> Mono<T> open(SessionKey key, boolean includeDeleted,
			BiFunction<SessionRow, Mono<Flux<List<EncodedMessage>>>, Mono<T>> use) {
		return this.sessions.require(key, includeDeleted)
			.flatMap((session) -> use.apply(session,
					this.log.open(new LogRange(session.id(), session.firstSeq(), session.lastSeq()),
							MessageFilter.NONE)))
			.retryWhen(AGAIN);
	}

	/**
	 * Saves a whole history: appends what is new, or replaces what differs, all or
	 * nothing. Errors: 410, 413 if too many messages are new for one transaction, 429,
	 * 503.
	 * @param lastActivity what to record as the last activity, null for now
	 */
	Mono<HistorySaved> save(SessionKey key, List<NewMessage> messages, @Nullable Instant lastActivity) {
		return this.sessions.findHead(key, false)
			.flatMap((head) -> head
				.map((session) -> countStored(range(session), messages)
					.flatMap((stored) -> write(key, range(session), stored, messages, lastActivity)))
				.orElseGet(() -> write(key, LogRange.NONE, 0, messages, lastActivity)))
			.retryWhen(AGAIN);
	}

	/**
	 * Writes what is not stored, if the log is still the one that was compared.
	 * @param stored how many of the messages that log holds, -1 if it holds something
	 * else
	 */
	private Mono<HistorySaved> write(SessionKey key, LogRange compared, int stored, List<NewMessage> messages,
			@Nullable Instant lastActivity) {
		List<NewMessage> rest = messages.subList(Math.max(0, stored), messages.size());
		if (rest.size() > this.limits.history()) {
			throw Problems
				.tooLarge(
						"A saved history may have " + this.limits.history() + " messages that are not stored already.")
				.exception();
		}
		return this.writes.write(Write.history(key, compared, stored < 0, rest, lastActivity))
			.map((done) -> new HistorySaved(key.sessionId(), done.lastSeq(), rest.size(), stored < 0));
	}

	/** How many messages a log holds if all of them are the first of these; else -1. */
	private Mono<Integer> countStored(LogRange range, List<NewMessage> messages) {
		if (range.count() > messages.size()) {
			return Mono.just(-1);
		}
		return this.log.stream(range, MessageFilter.NONE)
			.concatMapIterable((chunk) -> chunk)
			.all((stored) -> HistoryMatch.matches(stored, messages.get((int) (stored.seq() - range.from()))))
			.map((prefix) -> prefix ? (int) range.count() : -1);
	}

	private static LogRange range(LogHead session) {
		return new LogRange(session.id(), session.firstSeq(), session.lastSeq());
	}

}
