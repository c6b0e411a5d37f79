package dev.agentsessions.message.history;

import java.util.List;

import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.MessageReader;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.message.log.MessageLog;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionReads;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.view.View.Range;
import dev.agentsessions.view.ViewChange;
import dev.agentsessions.view.ViewChange.ViewTag;
import dev.agentsessions.write.IdempotencyKey;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Writes;
import dev.agentsessions.write.Written;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Service;

/**
 * What a model sees of a session's log, and how that is changed. The log stays as it is.
 */
@Service
class Views {

	private final SessionReads sessions;

	private final MessageLog log;

	private final Writes writes;

	Views(SessionReads sessions, MessageLog log, Writes writes) {
		this.sessions = sessions;
		this.log = log;
		this.writes = writes;
	}

	/** The session with its view. Errors: 404, 410. */
	Mono<SessionRow> load(SessionKey key, boolean includeDeleted) {
		return this.sessions.require(key, includeDeleted);
	}

	/**
	 * Sets the ranges. Errors: 400 if they cannot be, 404, 410, 412, 422.
	 * @param expected the view that must be there, null for any
	 */
	Mono<Written> set(SessionKey key, List<Range> ranges, @Nullable ViewTag expected, @Nullable IdempotencyKey named) {
		return this.writes.write(Write.view(key, new ViewChange.NewRanges(ranges), List.of(), expected, named));
	}

	/**
	 * Appends a summary, and puts it in the view in place of what it sums up. Errors: 400
	 * if that is not in the view, 404, 409, 410, 412, 422.
	 * @param from the first message that it stands for; null for the first that is no
	 * instruction, an earlier summary included
	 */
	Mono<Written> compact(SessionKey key, NewMessage summary, @Nullable Long from, long through,
			@Nullable ViewTag expected, @Nullable IdempotencyKey named) {
		if (from != null) {
			return this.writes.write(compaction(key, summary, new ViewChange.Summary(from, through), expected, named));
		}
		return this.sessions.require(key, false)
			.flatMap((session) -> firstOf(session).map((first) -> new ViewChange.Summary(first, through))
				// what is refused for that may be a retry, or come too late
				.defaultIfEmpty(new ViewChange.Summary(null, through))
				.flatMap((change) -> this.writes.write(compaction(key, summary, change,
						(expected != null) ? expected : new ViewTag(session.lastSeq(), session.view().no()), named))))
			.onErrorMap(ProblemException.class,
					(error) -> (expected == null && error.problem().status() == 412) ? Writes.CHANGED : error)
			.retryWhen(MessageLog.AGAIN);
	}

	private static Write compaction(SessionKey key, NewMessage summary, ViewChange change, @Nullable ViewTag expected,
			@Nullable IdempotencyKey named) {
		return Write.view(key, change, List.of(summary), expected, named);
	}

	/** The first message of the view that is a summary or no instruction, if any is. */
	private Mono<Long> firstOf(SessionRow session) {
		return this.log.messages(Histories.viewed(session, 0))
			.filter((message) -> session.view().summaries().contains(message.seq())
					|| !MessageReader.INSTRUCTIONS.contains(message.tree().path("role").asString("")))
			.next()
			.map(EncodedMessage::seq);
	}

}
