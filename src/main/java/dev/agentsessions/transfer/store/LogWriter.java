package dev.agentsessions.transfer.store;

import java.sql.SQLException;
import java.time.Instant;

import dev.agentsessions.transfer.ContextRecord;
import dev.agentsessions.transfer.MessageRecord;
import dev.agentsessions.transfer.SessionRecord;
import dev.agentsessions.transfer.SwitchRecord;
import dev.agentsessions.transfer.TransferTally;
import org.jspecify.annotations.Nullable;

/**
 * Adds to the end of one session what comes, and keeps count for the session's row.
 * Without a store it only counts.
 */
final class LogWriter {

	private final @Nullable StoreWrites writes;

	private final SessionRecord session;

	private final long id;

	private long contextId;

	private Instant contextTime;

	private long lastSeq;

	private long tokens;

	private @Nullable Instant lastMessageAt;

	private long lastSwitchNo;

	private long messages;

	private long contexts;

	private long switches;

	/** A session that has just been made, as it is in the source. */
	LogWriter(@Nullable StoreWrites writes, SessionRecord session, long id) {
		this.writes = writes;
		this.session = session;
		this.id = id;
		this.contextTime = session.lastActivity();
		this.lastSeq = session.firstSeq() - 1;
	}

	/** A session that is there, to become what it is in the source. */
	LogWriter(@Nullable StoreWrites writes, SessionRecord session, StoredSession stored,
			@Nullable StoredContext context) {
		this(writes, session, stored.id());
		if (context != null) {
			this.contextId = context.id();
			this.contextTime = context.record().updatedAt();
		}
		this.lastSeq = stored.lastSeq();
		this.tokens = stored.totalTokens();
		this.lastMessageAt = stored.lastMessageAt();
		this.lastSwitchNo = stored.lastSwitchNo();
	}

	void context(ContextRecord context) throws SQLException {
		this.contextTime = context.updatedAt();
		if (this.writes != null) {
			this.contextId = this.writes.context(this.id, context);
		}
		this.contexts++;
	}

	void updateContext(ContextRecord context) throws SQLException {
		this.contextTime = context.updatedAt();
		if (this.writes != null) {
			this.writes.updateContext(this.contextId, context);
		}
	}

	void message(MessageRecord record) throws SQLException {
		Instant time = (record.timestamp() != null) ? record.timestamp() : this.session.lastActivity();
		this.lastSeq++;
		this.tokens += (record.message().tokenCount() != null) ? record.message().tokenCount() : 0;
		this.lastMessageAt = time;
		this.messages++;
		if (this.writes != null) {
			this.writes.message(this.id, this.lastSeq, time, record.message());
		}
	}

	void agentSwitch(SwitchRecord made) throws SQLException {
		this.lastSwitchNo = (made.switchNo() != null) ? made.switchNo() : this.lastSwitchNo + 1;
		this.switches++;
		if (this.writes != null) {
			this.writes.agentSwitch(this.contextId, this.lastSwitchNo,
					(made.atSeq() != null) ? made.atSeq() : this.lastSeq,
					(made.switchedAt() != null) ? made.switchedAt() : this.contextTime, made);
		}
	}

	/** Whether anything was added. */
	boolean hasAdded() {
		return this.messages + this.contexts + this.switches > 0;
	}

	/** Writes the session's row as the source has it, with the new counts. */
	void finish() throws SQLException {
		if (this.session.lastSwitchNo() != null) {
			this.lastSwitchNo = this.session.lastSwitchNo();
		}
		if (this.writes != null) {
			this.writes.finish(this.id, this.session, this.lastSeq, this.tokens, this.lastMessageAt, this.lastSwitchNo);
		}
	}

	void addTo(TransferTally tally) {
		tally.messages += this.messages;
		tally.contexts += this.contexts;
		tally.switches += this.switches;
	}

}
