package dev.agentsessions.client.tail;

import java.util.List;

import dev.agentsessions.client.agent.AgentSwitch;
import dev.agentsessions.client.message.Message;
import dev.agentsessions.client.message.Range;
import org.jspecify.annotations.Nullable;

/**
 * What a follower of sessions is told.
 */
public sealed interface TailEvent {

	/**
	 * The position after it: everything up to here has been told. It is opaque; keep it
	 * to go on there in the next process. Null only if nothing had a position yet.
	 */
	@Nullable String position();

	/** An event of one session. */
	sealed interface OfSession extends TailEvent {

		String sessionId();

	}

	/**
	 * The tail is connected; it comes again whenever it is connected anew. Nothing else
	 * is told twice or left out. Drafts begin anew: those that are open are told from
	 * their beginning.
	 */
	record Ready(List<FollowedSession> sessions, @Nullable String position) implements TailEvent {

	}

	/** A message was appended. */
	record Appended(String sessionId, Message message, @Nullable String position) implements OfSession {

	}

	/** Another agent is at work, since the message {@code atSeq} of the switch. */
	record Switched(String sessionId, AgentSwitch agentSwitch, @Nullable String position) implements OfSession {

	}

	/**
	 * A model sees other messages.
	 *
	 * @param ranges the newest view
	 * @param atSeq the last message when it was set
	 */
	record ViewChanged(String sessionId, List<Range> ranges, long atSeq, long viewNo,
			@Nullable String position) implements OfSession {

	}

	/** The log begins anew at {@code firstSeq}, and follows. */
	record HistoryReplaced(String sessionId, long firstSeq, long lastSeq,
			@Nullable String position) implements OfSession {

	}

	/** The agent context was removed or replaced. */
	record AgentHistoryReplaced(String sessionId, long lastSwitchNo, @Nullable String position) implements OfSession {

	}

	/**
	 * The session is gone. A tail of one session ends with it, a tail of several with the
	 * last one. Where all have gone while there was no connection, those are told of in
	 * which anything had happened.
	 */
	record SessionDeleted(String sessionId, @Nullable String position) implements OfSession {

	}

	/**
	 * A message is being written: it is now its first {@code offset} code points, and
	 * {@code text} behind them. {@link DraftTexts} keeps the texts.
	 */
	record DraftWritten(String sessionId, String messageId, int offset, String text,
			@Nullable String position) implements OfSession {

	}

	/** Nothing becomes of a draft; it may begin again under the same id. */
	record DraftDiscarded(String sessionId, String messageId, @Nullable String position) implements OfSession {

	}

	/**
	 * A session when the tail was connected. In a tail of several one that is not there
	 * yet has 0 for all numbers, as one that has nothing yet.
	 *
	 * @param ranges its view
	 * @param deleted whether it is soft-deleted
	 */
	record FollowedSession(String sessionId, long lastSeq, long switchCount, List<Range> ranges, long viewNo,
			boolean deleted) {

	}

}
