package dev.agentsessions.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before the next try: growing, and uneven, so that those who were sent
 * away together don't come back together.
 */
final class Pauses {

	private static final int FIRST = 100; // milliseconds

	private static final int LONGEST = 2000;

	private Pauses() {
	}

	/** Behind this many failures, 1 at least: from half of the pause to all of it. */
	static Duration after(int failures) {
		int most = Math.min(LONGEST, FIRST << Math.min(failures - 1, 20));
		return Duration.ofMillis(ThreadLocalRandom.current().nextInt(most / 2, most + 1));
	}

}
