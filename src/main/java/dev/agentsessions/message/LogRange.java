package dev.agentsessions.message;

/**
 * A range of one session's log.
 *
 * @param sessionDbId the session's row
 * @param from the first seq
 * @param to the last seq, inclusive; less than from for nothing
 */
public record LogRange(long sessionDbId, long from, long to) {

	/** Of a session that does not exist. */
	public static final LogRange NONE = new LogRange(0, 1, 0);

	public long count() {
		return Math.max(0, this.to - this.from + 1);
	}

	/** What is left of it from a seq on. */
	public LogRange from(long seq) {
		return new LogRange(this.sessionDbId, seq, this.to);
	}

	/** What there is of it up to a seq. */
	public LogRange to(long seq) {
		return new LogRange(this.sessionDbId, this.from, seq);
	}

}
