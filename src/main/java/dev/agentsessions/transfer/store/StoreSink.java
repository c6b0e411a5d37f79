package dev.agentsessions.transfer.store;

import java.sql.SQLException;
import java.util.function.Consumer;

import dev.agentsessions.transfer.ContextRecord;
import dev.agentsessions.transfer.MessageRecord;
import dev.agentsessions.transfer.Rejects;
import dev.agentsessions.transfer.SessionRecord;
import dev.agentsessions.transfer.SessionSink;
import dev.agentsessions.transfer.SwitchRecord;
import dev.agentsessions.transfer.TransferTally;
import dev.agentsessions.transfer.TransferFailure;
import org.jspecify.annotations.Nullable;

/**
 * The store as the place where sessions go. A session is written in one transaction,
 * small ones share it: so whatever becomes of this process, a session in the store is
 * whole.
 */
public final class StoreSink implements SessionSink {

	private final @Nullable StoreReads reads;

	private final @Nullable StoreWrites writes;

	private final TransferTally tally;

	private final Rejects rejects;

	private final Consumer<String> report;

	private @Nullable SessionRecord session;

	private @Nullable SessionComparison comparison;

	private @Nullable LogWriter writer;

	/**
	 * A store to write to.
	 * @param reads null if the store does not exist yet
	 * @param writes null for a dry run
	 * @param report gets a line for each session that is left alone
	 */
	public StoreSink(@Nullable StoreReads reads, @Nullable StoreWrites writes, TransferTally tally, Rejects rejects,
			Consumer<String> report) {
		this.reads = reads;
		this.writes = writes;
		this.tally = tally;
		this.rejects = rejects;
		this.report = report;
	}

	@Override
	public void begin(SessionRecord session) throws SQLException {
		this.session = session;
		this.writer = null;
		this.comparison = null;
		StoredSession there = (this.reads != null) ? this.reads.find(session.key()) : null;
		if (there == null) {
			long id = (this.writes != null) ? this.writes.session(session) : 0;
			if (this.writes == null || id != 0) {
				this.writer = new LogWriter(this.writes, session, id);
				return;
			}
		}
		this.comparison = compare(session, there);
	}

	/** In a transaction of its own, for it may have to be undone. */
	private SessionComparison compare(SessionRecord session, @Nullable StoredSession there) throws SQLException {
		if (this.reads == null) {
			throw new IllegalStateException("there is no store to compare with");
		}
		if (this.writes != null) {
			this.writes.commit();
		}
		StoredSession stored = (this.writes != null) ? this.reads.lock(session.key()) : there;
		if (stored == null) {
			throw new TransferFailure("A session was removed from the store while it was looked at. Run it again.");
		}
		return new SessionComparison(this.reads, this.writes, stored, session);
	}

	@Override
	public void context(ContextRecord context) throws SQLException {
		if (this.comparison != null) {
			this.comparison.context(context);
		}
		else if (this.writer != null) {
			this.writer.context(context);
		}
	}

	@Override
	public void message(MessageRecord message) throws SQLException {
		if (this.comparison != null) {
			this.comparison.message(message);
		}
		else if (this.writer != null) {
			this.writer.message(message);
		}
	}

	@Override
	public void agentSwitch(SwitchRecord agentSwitch) throws SQLException {
		if (this.comparison != null) {
			this.comparison.agentSwitch(agentSwitch);
		}
		else if (this.writer != null) {
			this.writer.agentSwitch(agentSwitch);
		}
	}

	@Override
	public void end() throws SQLException {
		SessionRecord ended = this.session;
		if (ended != null && this.comparison != null) {
			endComparison(ended, this.comparison);
		}
		else if (ended != null && this.writer != null) {
			this.writer.finish();
			this.writer.addTo(this.tally);
			this.tally.sessions++;
			this.tally.isIn(ended);
			if (this.writes != null && this.writes.isWorthACommit()) {
				this.writes.commit();
			}
		}
	}

	private void endComparison(SessionRecord ended, SessionComparison comparison) throws SQLException {
		SessionComparison.Outcome outcome = comparison.end();
		if (this.writes != null && outcome == SessionComparison.Outcome.CONTINUED) {
			this.writes.commit();
		}
		else if (this.writes != null) {
			this.writes.rollback();
		}
		switch (outcome) {
			case SAME -> {
				this.tally.alreadyThere++;
				this.tally.isIn(ended);
			}
			case CONTINUED -> {
				this.tally.continued++;
				comparison.added().addTo(this.tally);
				this.tally.isIn(ended);
			}
			case CHANGED_SINCE -> leaveAlone(ended, "it was changed in the store since; all of the source's is in it");
			case DIFFERENT -> {
				String reason = "the store has other content or details under this id";
				leaveAlone(ended, reason);
				this.rejects.add(ended.key().sessionId(), "", reason + "; all of the source's session is left out", "");
			}
		}
	}

	private void leaveAlone(SessionRecord session, String reason) {
		this.tally.leftAlone++;
		this.report.accept("left alone: " + session.key().sessionId() + ": " + reason);
	}

	/** Makes everything last that has been handed over. */
	public void finish() throws SQLException {
		if (this.writes != null) {
			this.writes.commit();
		}
	}

}
