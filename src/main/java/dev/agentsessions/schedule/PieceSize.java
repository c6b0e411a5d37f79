package dev.agentsessions.schedule;

import java.time.Duration;

import reactor.core.publisher.Mono;

/**
 * How many rows a statement changes: as many as it may, but fewer while they are large (a
 * message of a megabyte is five hundred rows to PostgreSQL) or the database is busy, so
 * that no lock is held for long.
 */
public final class PieceSize {

	/** Half of what nobody should have to wait for. */
	private static final Duration LONG = Duration.ofMillis(50);

	/** As long as this takes only what is too much. */
	private static final Duration VERY_LONG = Duration.ofSeconds(1);

	/** A part of the most, below which less is seldom any faster. */
	private static final int FLOOR = 20;

	private final int most;

	private volatile int rows;

	public PieceSize(int most) {
		this.most = most;
		this.rows = most;
	}

	public int rows() {
		return this.rows;
	}

	/** A statement of which it is noted how long it takes. */
	public <T> Mono<T> timed(Mono<T> statement) {
		return Mono.defer(() -> {
			long start = System.nanoTime();
			return statement.doOnTerminate(() -> took(Duration.ofNanos(System.nanoTime() - start)));
		});
	}

	/**
	 * Whatever is not long lets it grow, by little: a commit alone may take most of that
	 * time, so there may be nothing that is much shorter. Round trips, or the wait for a
	 * connection, may even take more than that: a statement that is only long leaves some
	 * rows.
	 */
	public void took(Duration time) {
		int before = this.rows;
		if (time.compareTo(LONG) <= 0) {
			this.rows = Math.min(this.most, before + Math.max(1, before / 8));
		}
		else {
			int floor = (time.compareTo(VERY_LONG) > 0) ? 1 : Math.min(before, this.most / FLOOR);
			this.rows = Math.max(Math.max(1, floor), before / 2);
		}
	}

}
