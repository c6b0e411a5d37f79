package dev.agentsessions.message;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

import dev.agentsessions.database.LaneConnection;
import dev.agentsessions.database.LaneTransaction;
import dev.agentsessions.database.Lanes;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.session.LockedSession;
import dev.agentsessions.session.LogHead;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionLock;
import dev.agentsessions.session.SessionProblems;
import dev.agentsessions.session.SessionReads;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.web.LimitSettings;
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
		.filter((error) -> error == MessageLog.CHANGED)
		.onRetryExhaustedThrow((spec, signal) -> Problems.busy("The session keeps changing; nothing was done."));

	private static final String SET_ACTIVITY = """
			update sessions set last_activity = :activity, is_active = true where id = :session
			""";

	private final SessionReads sessions;

	private final MessageLog log;

	private final Lanes lanes;

	private final LaneTransaction<HistorySave, Optional<HistorySaved>> save = new LaneTransaction<>(Histories::write,
			HistorySave::size);

	private final Appends appends;

	private final LimitSettings limits;

	Histories(SessionReads sessions, MessageLog log, Lanes lanes, Appends appends, LimitSettings limits) {
		this.appends = appends;
		this.limits = limits;
		this.sessions = sessions;
		this.log = log;
		this.lanes = lanes;
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
	 * nothing. Errors: 410, 413 if too many messages are new for one transaction, 503.
	 * @param lastActivity what to record as the last activity, null for now
	 */
	Mono<HistorySaved> save(SessionKey key, List<NewMessage> messages, @Nullable Instant lastActivity) {
		return this.sessions.findHead(key, false)
			.flatMap((head) -> compare(key, head, messages, lastActivity))
			.doOnNext(this::requireSize)
			.flatMap(this::save)
			.retryWhen(AGAIN);
	}

	private Mono<HistorySaved> save(HistorySave save) {
		LogRange compared = save.compared();
		if (compared != null && save.isShortAppend()) {
			return this.appends.append(Append.after(save.session(), compared, save.rest()))
				.map((done) -> new HistorySaved(save.session().sessionId(), done.lastSeq(), save.toWrite(), false))
				.onErrorMap(Histories::isAnotherLog, (error) -> MessageLog.CHANGED);
		}
		return this.lanes.write(save.session(), this.save, save)
			.flatMap((saved) -> saved.map(Mono::just).orElseGet(() -> Mono.error(MessageLog.CHANGED)));
	}

	/** Somebody was faster: the log was written to, or its session was removed. */
	private static boolean isAnotherLog(Throwable error) {
		return MessageProblems.isConflict(error) || SessionProblems.isNotFound(error);
	}

	private Mono<HistorySave> compare(SessionKey key, Optional<LogHead> session, List<NewMessage> messages,
			@Nullable Instant lastActivity) {
		if (session.isEmpty()) {
			return Mono.just(new HistorySave(key, messages, lastActivity, null, 0));
		}
		LogRange range = new LogRange(session.get().id(), session.get().firstSeq(), session.get().lastSeq());
		return isPrefix(range, messages)
			.map((prefix) -> new HistorySave(key, messages, lastActivity, range, prefix ? (int) range.count() : -1));
	}

	private void requireSize(HistorySave save) {
		if (save.toWrite() > this.limits.history()) {
			throw Problems
				.tooLarge(
						"A saved history may have " + this.limits.history() + " messages that are not stored already.")
				.exception();
		}
	}

	private Mono<Boolean> isPrefix(LogRange range, List<NewMessage> messages) {
		if (range.count() > messages.size()) {
			return Mono.just(false);
		}
		return this.log.stream(range, MessageFilter.NONE)
			.concatMapIterable((chunk) -> chunk)
			.all((stored) -> HistoryMatch.matches(stored, messages.get((int) (stored.seq() - range.from()))));
	}

	/** Empty if the log is not the one that was compared. */
	private static Mono<Optional<HistorySaved>> write(LaneConnection connection, HistorySave save) {
		return SessionLock.take(connection, save.session(), true).flatMap((session) -> {
			LogRange now = new LogRange(session.id(), session.firstSeq(), session.lastSeq());
			if (!session.created() && !now.equals(save.compared())) {
				return Mono.just(Optional.empty());
			}
			boolean replaced = save.stored() < 0 && !session.created();
			int stored = session.created() ? 0 : Math.max(0, save.stored());
			List<NewMessage> rest = save.messages().subList(stored, save.messages().size());
			Mono<Long> last = replaced ? MessageWrites.replace(connection, session, rest)
					: MessageWrites.append(connection, session, rest);
			return last.flatMap((seq) -> setActivity(connection, session, save.lastActivity())
				.thenReturn(Optional.of(new HistorySaved(save.session().sessionId(), seq, rest.size(), replaced))));
		});
	}

	private static Mono<Void> setActivity(LaneConnection connection, LockedSession session,
			@Nullable Instant lastActivity) {
		return connection.client()
			.sql(SET_ACTIVITY)
			.bind("activity", (lastActivity != null) ? lastActivity : session.now())
			.bind("session", session.id())
			.then();
	}

}
