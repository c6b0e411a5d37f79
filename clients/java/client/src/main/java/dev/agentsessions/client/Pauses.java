package dev.agentsessions.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before the next try: growing, and uneven, so that those who were sent
 * away together don't come back together.
 */
record Pauses(Duration first, Duration longest) {

	/** Between the tries of a request. */
	static final Pauses OF_TRIES = new Pauses(Duration.ofMillis(100), Duration.ofSeconds(2));

	/** Behind this many failures, 1 at least: from half of the pause to all of it. */
	Duration after(int failures) {
		long most = Math.min(this.longest.toMillis(), this.first.toMillis() << Math.min(failures - 1, 20));
		return Duration.ofMillis(ThreadLocalRandom.current().nextLong(most / 2, most + 1));
	}

}
