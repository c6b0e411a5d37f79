package dev.agentsessions.transfer;

import java.time.Instant;

/**
 * What an import or an export has done so far.
 */
final class Tally {

	private final Retention retention;

	/** How many were written. */
	long sessions;

	long messages;

	long contexts;

	long switches;

	/** Sessions that were there as they are. */
	long alreadyThere;

	/** Sessions that were there with less than there is now, and got the rest. */
	long continued;

	/** Sessions that somebody has changed in the store. */
	long leftAlone;

	private long toBeDeleted;

	private long toBePurged;

	private Instant oldest = Instant.MAX;

	Tally(Retention retention) {
		this.retention = retention;
	}

	/** Notes a session that is in the store now. */
	void isIn(SessionRecord session) {
		if (this.retention.willDelete(session)) {
			this.toBeDeleted++;
			this.oldest = session.lastActivity().isBefore(this.oldest) ? session.lastActivity() : this.oldest;
		}
		else if (this.retention.willPurge(session)) {
			this.toBePurged++;
		}
	}

	/** How many records were written. */
	long changes() {
		return this.sessions + this.messages + this.contexts + this.switches + this.continued;
	}

	/**
	 * What the service will do to the sessions, and how to keep them; empty for nothing.
	 */
	String warning() {
		return this.retention.warning(this.toBeDeleted, this.toBePurged, this.oldest);
	}

}
