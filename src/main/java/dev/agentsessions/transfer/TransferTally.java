package dev.agentsessions.transfer;

import java.time.Instant;

/**
 * What an import or an export has done so far.
 */
public final class TransferTally {

	private final RetentionOutlook retention;

	/** How many were written. */
	public long sessions;

	public long messages;

	public long contexts;

	public long switches;

	/** Sessions that were there as they are. */
	public long alreadyThere;

	/** Sessions that were there with less than there is now, and got the rest. */
	public long continued;

	/** Sessions that somebody has changed in the store. */
	public long leftAlone;

	private long toBeDeleted;

	private long toExpire;

	private long toBePurged;

	private Instant oldest = Instant.MAX;

	public TransferTally(RetentionOutlook retention) {
		this.retention = retention;
	}

	/** Notes a session that is in the store now. */
	public void isIn(SessionRecord session) {
		if (this.retention.willDelete(session)) {
			this.toBeDeleted++;
			this.oldest = session.lastActivity().isBefore(this.oldest) ? session.lastActivity() : this.oldest;
		}
		else if (this.retention.willExpire(session)) {
			this.toExpire++;
		}
		else if (this.retention.willPurge(session)) {
			this.toBePurged++;
		}
	}

	/** How many records were written. */
	public long changes() {
		return this.sessions + this.messages + this.contexts + this.switches + this.continued;
	}

	/**
	 * What the service will do to the sessions, and how to keep them; empty for nothing.
	 */
	public String warning() {
		return this.retention.warning(this.toBeDeleted, this.toExpire, this.toBePurged, this.oldest);
	}

}
