package dev.agentsessions.database.health;

import org.jspecify.annotations.Nullable;

/**
 * Turns answers that come and go into a verdict that stays: one slow answer does not take
 * a replica out of service, nor does one lucky answer bring it back. Only one thread may
 * tell it answers; any may read the verdict.
 */
final class Hysteresis {

	private final int failures;

	private final int successes;

	private int inARow;

	private volatile @Nullable Boolean verdict;

	/**
	 * No verdict yet.
	 * @param failures how many in a row turn it to false
	 * @param successes how many in a row turn it back to true
	 */
	Hysteresis(int failures, int successes) {
		this.failures = failures;
		this.successes = successes;
	}

	/** The verdict; null before the first answer, which is believed at once. */
	@Nullable Boolean verdict() {
		return this.verdict;
	}

	/**
	 * Takes an answer in.
	 * @return whether the verdict has changed
	 */
	boolean add(boolean success) {
		Boolean before = this.verdict;
		if (before != null && before == success) {
			this.inARow = 0;
			return false;
		}
		this.inARow++;
		if (before != null && this.inARow < (success ? this.successes : this.failures)) {
			return false;
		}
		this.inARow = 0;
		this.verdict = success;
		return true;
	}

}
