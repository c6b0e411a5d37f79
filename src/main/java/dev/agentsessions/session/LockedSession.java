package dev.agentsessions.session;

import java.time.Instant;

/**
 * A session whose row this transaction has locked: what it says holds until the
 * transaction ends.
 *
 * @param now the database's time after the lock was taken: the time of everything this
 * transaction writes
 * @param created whether this transaction created it
 */
public record LockedSession(long id, long firstSeq, long lastSeq, long lastSwitchNo, Instant now, boolean created) {

	/**
	 * The same session after messages up to this seq were appended in the same
	 * transaction.
	 */
	public LockedSession advancedTo(long seq) {
		return new LockedSession(this.id, this.firstSeq, seq, this.lastSwitchNo, this.now, this.created);
	}

}
