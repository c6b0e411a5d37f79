package dev.agentsessions.tail.wakeup;

import java.time.Duration;

/**
 * How often the connection for wake-ups asks the database. A replica that has tails, and
 * has said so, leaves out every other heartbeat while nothing is written: nobody waits
 * for what it would say. Thread-safe.
 */
final class HeartbeatPace {

	private boolean mayRest;

	/**
	 * From one heartbeat to the next. Even with one left out there is always one between
	 * two rounds of the reconciler, which has to look at everything otherwise.
	 */
	static Duration period(Duration reconciliation) {
		return reconciliation.multipliedBy(7).dividedBy(16);
	}

	/** Whether this one has to be sent; of two in a row one has to. */
	synchronized boolean isDue() {
		boolean due = !this.mayRest;
		this.mayRest = false;
		return due;
	}

	/**
	 * The database has answered.
	 * @param following whether it was told that there are tails here
	 * @param quiet whether nothing was written since the answer before
	 */
	synchronized void answered(boolean following, boolean quiet) {
		this.mayRest = following && quiet;
	}

	/** It is not known what the database would say. */
	synchronized void reset() {
		this.mayRest = false;
	}

}
