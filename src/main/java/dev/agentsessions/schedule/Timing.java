package dev.agentsessions.schedule;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * When a {@link RecurringJob} runs. Durations are in whole milliseconds.
 *
 * @param first the longest time before the first run, which comes after a random part of
 * it
 * @param interval from the end of one run to the next
 * @param jitter the share of itself by which the interval varies up and down, from 0 to 1
 * @param firstRetry the longest wait after a failure; it is doubled with each further one
 * in a row, and at least half of it is waited
 * @param lastRetry how long that wait gets at most
 */
public record Timing(Duration first, Duration interval, double jitter, Duration firstRetry, Duration lastRetry) {

	/**
	 * For work on the database that all replicas do: those which start together don't
	 * work together, nor do they come back together after a failure.
	 */
	public static Timing spread(Duration interval) {
		return new Timing(interval, interval, 0.1, Duration.ofSeconds(1), Duration.ofMinutes(5));
	}

	/** At once, and again after each interval. */
	public static Timing steady(Duration interval) {
		return new Timing(Duration.ZERO, interval, 0, interval, interval);
	}

	/** How long to wait before the first run. */
	Duration beforeFirst(DoubleSupplier random) {
		return share(this.first, 0, 1, random);
	}

	/**
	 * How long to wait before the next run.
	 * @param failures in a row
	 */
	Duration beforeNext(int failures, DoubleSupplier random) {
		if (failures == 0) {
			return share(this.interval, 1 - this.jitter, 1 + this.jitter, random);
		}
		Duration wait = this.firstRetry.multipliedBy(1L << Math.min(failures - 1, 20));
		return share((wait.compareTo(this.lastRetry) < 0) ? wait : this.lastRetry, 0.5, 1, random);
	}

	private static Duration share(Duration whole, double least, double most, DoubleSupplier random) {
		return Duration.ofMillis((long) (whole.toMillis() * (least + (most - least) * random.getAsDouble())));
	}

}
