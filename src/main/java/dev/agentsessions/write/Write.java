package dev.agentsessions.write;

import java.time.Instant;
import java.util.List;

import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.session.SessionKey;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done to one session, all of it or nothing: first the conditions hold,
 * then the log changes, then the agent, then the rest.
 *
 * @param target which session it is meant for
 * @param expectedLast what must be the session's last message (<code>If-Match</code>),
 * null for any; of a session that is not there it is 0
 * @param expectedLog which log the session must have, null for any; {@link LogRange#NONE}
 * for no session
 * @param key under which the answer is kept, null for none
 * @param replacesLog whether the messages stand in place of all that there are; the
 * replacement takes one number itself, so that a follower can tell it from an append
 * @param messages to append
 * @param agentSwitch to make, null for none
 * @param context what to do with the agent context, null for nothing
 * @param metadata to have in place of the session's, null to leave it
 * @param lastActivity what to record as the last activity, null for now
 * @param fate what becomes of the session itself, null if it stays as it is
 */
public record Write(SessionKey session, Target target, @Nullable Long expectedLast, @Nullable LogRange expectedLog,
		@Nullable IdempotencyKey key, boolean replacesLog, List<NewMessage> messages, @Nullable NewSwitch agentSwitch,
		@Nullable ContextChange context, @Nullable JsonText metadata, @Nullable Instant lastActivity,
		@Nullable Fate fate) {

	/**
	 * Messages for the end of a log.
	 * @param create whether the session may be new
	 */
	public static Write append(SessionKey session, List<NewMessage> messages, boolean create,
			@Nullable Long expectedLast, @Nullable IdempotencyKey key) {
		return turn(session, create, expectedLast, key, messages, null, null);
	}

	/**
	 * One turn of an agent: messages, then the switch, then the context's metadata.
	 * @param create whether the session may be new
	 */
	public static Write turn(SessionKey session, boolean create, @Nullable Long expectedLast,
			@Nullable IdempotencyKey key, List<NewMessage> messages, @Nullable NewSwitch agentSwitch,
			@Nullable JsonText contextMetadata) {
		return new Write(session, create ? Target.ANY : Target.EXISTING, expectedLast, null, key, false, messages,
				agentSwitch, (contextMetadata != null) ? ContextChange.metadata(contextMetadata) : null, null, null,
				null);
	}

	public static Write agentSwitch(SessionKey session, NewSwitch agentSwitch, @Nullable IdempotencyKey key) {
		return turn(session, false, null, key, List.of(), agentSwitch, null);
	}

	public static Write context(SessionKey session, ContextChange change) {
		return new Write(session, Target.EXISTING, null, null, null, false, List.of(), null, change, null, null, null);
	}

	/**
	 * A whole history, as it has to be written where the log is the one it was compared
	 * with.
	 * @param compared that log; {@link LogRange#NONE} if there was no session
	 * @param replaces whether nothing of that log stays
	 * @param messages what has to be added
	 */
	public static Write history(SessionKey session, LogRange compared, boolean replaces, List<NewMessage> messages,
			@Nullable Instant lastActivity) {
		return new Write(session, Target.ANY, null, compared, null, replaces, messages, null, null, null, lastActivity,
				null);
	}

	public static Write create(SessionKey session, @Nullable JsonText metadata) {
		return new Write(session, Target.NEW, null, null, null, false, List.of(), null, null, metadata, null, null);
	}

	public static Write metadata(SessionKey session, JsonText metadata) {
		return new Write(session, Target.EXISTING, null, null, null, false, List.of(), null, null, metadata, null,
				null);
	}

	public static Write fate(SessionKey session, Fate fate) {
		return new Write(session, Target.EXISTING, null, null, null, false, List.of(), null, null, null, null, fate);
	}

	/**
	 * Whether there is nothing to decide, if only the session is there, and nothing to
	 * write but messages.
	 */
	boolean isPlainAppend() {
		return this.expectedLast == null && this.expectedLog == null && this.key == null && !this.replacesLog
				&& !this.messages.isEmpty() && this.agentSwitch == null && this.context == null && this.metadata == null
				&& this.lastActivity == null && this.fate == null;
	}

	public boolean needsContext() {
		return this.agentSwitch != null || this.context != null;
	}

	/** Whether its answer shows what only the whole rows tell. */
	public boolean needsWholeRows() {
		return this.fate == Fate.RESTORED || (this.context != null && this.context.currentAgent() != null);
	}

	/**
	 * Whether no other write to the session can be decided on what this one leaves: there
	 * is something to remove before anything can stand in its place.
	 */
	public boolean endsBatch() {
		return this.fate == Fate.REMOVED || (this.context != null && this.context.removes());
	}

	/** Approximate bytes. */
	public long size() {
		return NewMessage.size(this.messages) + ((this.agentSwitch != null) ? this.agentSwitch.size() : 0)
				+ ((this.context != null) ? this.context.size() : 0) + JsonText.size(this.metadata);
	}

	/** Which session a write is meant for. */
	public enum Target {

		/** One that is there: else 404. */
		EXISTING,

		/** One that is there, or a new one. */
		ANY,

		/** A new one: else 409. */
		NEW

	}

	/** What becomes of a session. */
	public enum Fate {

		/** Soft-deleted: it can be restored. */
		DELETED,

		/** Restored, which counts as activity. */
		RESTORED,

		/** Its rows go in the background. */
		REMOVED

	}

}
