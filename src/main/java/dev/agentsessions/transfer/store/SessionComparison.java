package dev.agentsessions.transfer.store;

import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;

import dev.agentsessions.transfer.ContextRecord;
import dev.agentsessions.transfer.MessageRecord;
import dev.agentsessions.transfer.SessionRecord;
import dev.agentsessions.transfer.SwitchRecord;
import org.jspecify.annotations.Nullable;

/**
 * A session that is in the store already, against what the source has of it. What the two
 * begin with must be the same; what the source has beyond that is added if nobody has
 * changed the session in the store.
 */
final class SessionComparison {

	/** How the two came out. */
	enum Outcome {

		/** The session in the store is the same as that of the source. */
		SAME,
		/** The source had more, which was added. */
		CONTINUED,
		/** The store has all that the source has, and somebody has changed it since. */
		CHANGED_SINCE,
		/** The source has something that the store does not have. */
		DIFFERENT

	}

	private final StoreReads reads;

	private final StoredSession stored;

	private final SessionRecord source;

	private final @Nullable StoredContext context;

	private final LogWriter writer;

	private final boolean mayAdd;

	private final Deque<StoredMessage> messages = new ArrayDeque<>();

	private final Deque<SwitchRecord> switches = new ArrayDeque<>();

	private long seq;

	private long switchNo;

	private boolean contextSeen;

	private boolean contextSame = true;

	private boolean contextNewer;

	private boolean different;

	SessionComparison(StoreReads reads, @Nullable StoreWrites writes, StoredSession stored, SessionRecord source)
			throws SQLException {
		this.reads = reads;
		this.stored = stored;
		this.source = source;
		this.context = reads.context(stored.id());
		this.writer = new LogWriter(writes, source, stored, this.context);
		this.mayAdd = stored.mayBeOlder(source);
		this.seq = stored.record().firstSeq() - 1;
		fetchMessages();
		fetchSwitches();
	}

	void context(ContextRecord source) throws SQLException {
		this.contextSeen = true;
		if (this.context != null) {
			this.contextSame = this.context.isSameAs(source);
			this.contextNewer = !this.contextSame && this.context.isNewerThan(source);
			if (!this.contextSame && !this.contextNewer && this.mayAdd) {
				this.writer.updateContext(source);
			}
		}
		else if (mayAdd()) {
			this.writer.context(source);
		}
	}

	void message(MessageRecord source) throws SQLException {
		StoredMessage next = this.messages.poll();
		if (next == null && mayAdd()) {
			this.writer.message(source);
		}
		else if (next != null) {
			this.different |= !next.isSameAs(source);
			this.seq = next.seq();
		}
		fetchMessages();
	}

	void agentSwitch(SwitchRecord source) throws SQLException {
		SwitchRecord next = this.switches.poll();
		if (next == null && mayAdd()) {
			this.writer.agentSwitch(source);
		}
		else if (next != null) {
			this.different |= !isSame(next, source);
			this.switchNo = Objects.requireNonNull(next.switchNo());
		}
		fetchSwitches();
	}

	/**
	 * Whether they are the same, with its number and time if the source knows them.
	 * Behind which message it stands may follow from the times of messages, which change.
	 */
	private static boolean isSame(SwitchRecord stored, SwitchRecord source) {
		return Objects.equals(stored.fromAgent(), source.fromAgent()) && stored.toAgent().equals(source.toAgent())
				&& (source.switchedAt() == null || source.switchedAt().equals(stored.switchedAt()))
				&& Objects.equals(stored.reason(), source.reason())
				&& StoredSession.sameJson(stored.metadata(), source.metadata())
				&& (source.switchNo() == null || source.switchNo().equals(stored.switchNo()));
	}

	/** The outcome; what was added is to be committed only if it is CONTINUED. */
	Outcome end() throws SQLException {
		boolean storeHasMore = !this.messages.isEmpty() || !this.switches.isEmpty()
				|| (this.context != null && !this.contextSeen) || this.contextNewer;
		if (this.different || (storeHasMore && this.writer.hasAdded())) {
			return Outcome.DIFFERENT;
		}
		boolean same = this.contextSame && this.stored.isSameAs(this.source) && hasNumber(this.source.lastSwitchNo());
		if (same && !storeHasMore && !this.writer.hasAdded()) {
			return Outcome.SAME;
		}
		if (storeHasMore || !this.mayAdd) {
			return this.stored.isOlderThan(this.source) ? Outcome.DIFFERENT : Outcome.CHANGED_SINCE;
		}
		this.writer.finish();
		return Outcome.CONTINUED;
	}

	LogWriter added() {
		return this.writer;
	}

	private boolean hasNumber(@Nullable Long lastSwitchNo) {
		return lastSwitchNo == null || lastSwitchNo == this.stored.lastSwitchNo();
	}

	/** Something is not in the store: either it may be added, or the two differ. */
	private boolean mayAdd() {
		this.different |= !this.mayAdd;
		return this.mayAdd && !this.different;
	}

	private void fetchMessages() throws SQLException {
		if (this.messages.isEmpty() && this.seq < this.stored.lastSeq()) {
			this.messages.addAll(this.reads.messagesAfter(this.stored, this.seq));
		}
	}

	private void fetchSwitches() throws SQLException {
		if (this.switches.isEmpty() && this.context != null && this.switchNo < this.stored.lastSwitchNo()) {
			this.switches.addAll(this.reads.switchesAfter(this.context.id(), this.switchNo));
		}
	}

}
