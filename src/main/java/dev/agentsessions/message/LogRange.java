package dev.agentsessions.message;

/**
 * A range of one session's log.
 *
 * @param sessionDbId the session's row
 * @param from the first seq
 * @param to the last seq, inclusive; less than from for nothing
 */
public record LogRange(long sessionDbId, long from, long to) {

	public long count() {
		return Math.max(0, this.to - this.from + 1);
	}

}
