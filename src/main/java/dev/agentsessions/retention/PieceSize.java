package dev.agentsessions.retention;

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

	/** Not much less than half of that: on many disks a commit alone takes 12 ms. */
	private static final Duration SHORT = Duration.ofMillis(24);

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

	public void took(Duration time) {
		if (time.compareTo(LONG) > 0) {
			this.rows = Math.max(1, this.rows / 2);
		}
		else if (time.compareTo(SHORT) < 0) {
			this.rows = Math.min(this.most, this.rows * 2);
		}
	}

}
