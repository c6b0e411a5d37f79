package dev.agentsessions.write;

import java.time.Instant;
import java.util.List;

import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.session.DetailsChange;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.view.ViewChange;
import dev.agentsessions.view.ViewChange.ViewTag;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done to one session, all of it or nothing: first the conditions hold,
 * then the log changes, then the agent, then the rest.
 *
 * @param target which session it is meant for
 * @param expectedRow the id that the session's row must have, null for any: another
 * session of the same name is not the one that is meant
 * @param expectedLast what must be the session's last message (<code>If-Match</code>),
 * null for any; of a session that is not there it is 0
 * @param expectedView which number the session's view must have, null for any
 * @param expectedLog which log the session must have, null for any; {@link LogRange#NONE}
 * for no session
 * @param key under which the answer is kept, null for none
 * @param replacesLog whether the messages stand in place of all that there are; the
 * replacement takes one number itself, so that a follower can tell it from an append
 * @param messages to append
 * @param known what to do with messages whose ids are in the log already
 * @param agentSwitch to make, null for none
 * @param context what to do with the agent context, null for nothing
 * @param details what to do with the details of the session, null for nothing
 * @param lastActivity what to record as the last activity, null for now
 * @param view what to do with the view, null for nothing
 * @param fate what becomes of the session itself, null if it stays as it is
 */
public record Write(SessionKey session, Target target, @Nullable Long expectedRow, @Nullable Long expectedLast,
		@Nullable Long expectedView, @Nullable LogRange expectedLog, @Nullable IdempotencyKey key, boolean replacesLog,
		List<NewMessage> messages, Known known, @Nullable NewSwitch agentSwitch, @Nullable ContextChange context,
		@Nullable DetailsChange details, @Nullable Instant lastActivity, @Nullable ViewChange view,
		@Nullable Fate fate) {

	/**
	 * Messages for the end of a log.
	 * @param create whether the session may be new
	 */
	public static Write append(SessionKey session, List<NewMessage> messages, boolean create,
			@Nullable Long expectedLast, @Nullable IdempotencyKey key) {
		Parts parts = new Parts(session, create ? Target.ANY : Target.EXISTING);
		parts.expectedLast = expectedLast;
		parts.key = key;
		parts.messages = messages;
		parts.known = Known.REPLAYED;
		return parts.write();
	}

	/**
	 * What ends a draft: its message.
	 * @param row the id of the row of the session in which it is being written
	 */
	public static Write draftEnd(SessionKey session, long row, NewMessage message) {
		Parts parts = new Parts(session, Target.EXISTING);
		parts.expectedRow = row;
		parts.messages = List.of(message);
		parts.known = Known.REPLAYED;
		return parts.write();
	}

	/**
	 * Messages that come line by line.
	 * @param isBeginning whether no line before them was written
	 */
	public static Write lines(SessionKey session, List<NewMessage> messages, boolean create, boolean isBeginning) {
		Parts parts = new Parts(session, create ? Target.ANY : Target.EXISTING);
		parts.messages = messages;
		parts.known = isBeginning ? Known.SKIPPED : Known.REFUSED;
		return parts.write();
	}

	/**
	 * One turn of an agent: messages, then the switch, then the context's metadata, then
	 * the details of the session.
	 * @param create whether the session may be new
	 */
	public static Write turn(SessionKey session, boolean create, @Nullable Long expectedLast,
			@Nullable IdempotencyKey key, List<NewMessage> messages, @Nullable NewSwitch agentSwitch,
			@Nullable JsonText contextMetadata, @Nullable DetailsChange details) {
		Parts parts = new Parts(session, create ? Target.ANY : Target.EXISTING);
		parts.expectedLast = expectedLast;
		parts.key = key;
		parts.messages = messages;
		parts.agentSwitch = agentSwitch;
		parts.context = (contextMetadata != null) ? ContextChange.metadata(contextMetadata) : null;
		parts.details = details;
		return parts.write();
	}

	public static Write agentSwitch(SessionKey session, NewSwitch agentSwitch, @Nullable IdempotencyKey key) {
		return turn(session, false, null, key, List.of(), agentSwitch, null, null);
	}

	public static Write context(SessionKey session, ContextChange change) {
		Parts parts = new Parts(session, Target.EXISTING);
		parts.context = change;
		return parts.write();
	}

	/**
	 * A whole history, as it has to be written where the log and the view are those that
	 * it was compared with.
	 * @param compared that log; {@link LogRange#NONE} if there was no session
	 * @param comparedView the number of that view
	 * @param replaces whether nothing of that log stays
	 * @param messages what has to be added
	 * @param view what the view becomes, null if it stays
	 */
	public static Write history(SessionKey session, LogRange compared, long comparedView, boolean replaces,
			List<NewMessage> messages, @Nullable ViewChange view, @Nullable Instant lastActivity) {
		Parts parts = new Parts(session, Target.ANY);
		parts.expectedLog = compared;
		parts.expectedView = comparedView;
		parts.replacesLog = replaces;
		parts.messages = messages;
		parts.view = view;
		parts.lastActivity = lastActivity;
		return parts.write();
	}

	/**
	 * A change of the view, with a summary or without.
	 * @param expected the view that it is meant for; null for any
	 */
	public static Write view(SessionKey session, ViewChange change, List<NewMessage> messages,
			@Nullable ViewTag expected, @Nullable IdempotencyKey key) {
		Parts parts = new Parts(session, Target.EXISTING);
		parts.expectedLast = (expected != null) ? expected.lastSeq() : null;
		parts.expectedView = (expected != null) ? expected.viewNo() : null;
		parts.key = key;
		parts.messages = messages;
		parts.view = change;
		return parts.write();
	}

	public static Write create(SessionKey session, DetailsChange details) {
		Parts parts = new Parts(session, Target.NEW);
		parts.details = details;
		return parts.write();
	}

	public static Write details(SessionKey session, DetailsChange details) {
		Parts parts = new Parts(session, Target.EXISTING);
		parts.details = details;
		return parts.write();
	}

	public static Write fate(SessionKey session, Fate fate) {
		Parts parts = new Parts(session, Target.EXISTING);
		parts.fate = fate;
		return parts.write();
	}

	/**
	 * Whether there is nothing to decide, if only the session is there, and nothing to
	 * write but messages.
	 */
	boolean isPlainAppend() {
		return this.expectedRow == null && this.expectedLast == null && this.expectedLog == null && this.key == null
				&& !this.replacesLog && !this.messages.isEmpty() && this.agentSwitch == null && this.context == null
				&& this.details == null && this.lastActivity == null && this.view == null && this.fate == null
				&& !hasIds();
	}

	/** Whether a message has an id of the caller's. */
	public boolean hasIds() {
		return this.messages.stream().anyMatch((message) -> message.id() != null);
	}

	public boolean needsContext() {
		return this.agentSwitch != null || this.context != null;
	}

	/** Whether it has to know, or its answer shows, what only the whole rows tell. */
	public boolean needsWholeRows() {
		return this.details != null || this.fate == Fate.RESTORED
				|| (this.context != null && this.context.currentAgent() != null);
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
				+ ((this.context != null) ? this.context.size() : 0)
				+ ((this.details != null) ? this.details.size() : 0);
	}

	/** What a write is put together from; what is not set, it does not have. */
	private static final class Parts {

		private final SessionKey session;

		private final Target target;

		private @Nullable Long expectedRow;

		private @Nullable Long expectedLast;

		private @Nullable Long expectedView;

		private @Nullable LogRange expectedLog;

		private @Nullable IdempotencyKey key;

		private boolean replacesLog;

		private List<NewMessage> messages = List.of();

		private Known known = Known.REFUSED;

		private @Nullable NewSwitch agentSwitch;

		private @Nullable ContextChange context;

		private @Nullable DetailsChange details;

		private @Nullable Instant lastActivity;

		private @Nullable ViewChange view;

		private @Nullable Fate fate;

		Parts(SessionKey session, Target target) {
			this.session = session;
			this.target = target;
		}

		Write write() {
			return new Write(this.session, this.target, this.expectedRow, this.expectedLast, this.expectedView,
					this.expectedLog, this.key, this.replacesLog, this.messages, this.known, this.agentSwitch,
					this.context, this.details, this.lastActivity, this.view, this.fate);
		}

	}

	/** What to do with messages whose ids are in the log already. */
	public enum Known {

		/** The write is refused. */
		REFUSED,

		/**
		 * If all are, equal and neighbours in the same order, the write was done before
		 * and is answered again; else it is refused.
		 */
		REPLAYED,

		/** Those at the beginning that are equal are passed over. */
		SKIPPED

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
