package dev.agentsessions.exactness;

import java.time.Duration;

/**
 * How long and how hard, from system properties <code>exactness.*</code>; what is not
 * given is small enough for every build.
 *
 * @param load how long there is load at least; a round of faults under way is finished
 * @param writers clients that write to shared sessions, one thread each
 * @param sessions how many sessions these share, beside the young ones that come and go
 * @param readers clients that read, one thread each
 * @param historians clients that save whole histories, each in sessions of its own, and
 * as many that create, change, delete, restore and erase sessions
 * @param drafters clients that write messages piece by piece, one thread each
 * @param pause of a client before each thing it does: a build has other tests to run
 * @param pooler whether PgBouncer stands before the database
 * @param buckets that the store has
 * @param faults a regular expression: only those whose names it finds; empty for all
 * @param seed of all that is random in the clients and the faults
 */
record RunSize(Duration load, int writers, int sessions, int readers, int historians, int drafters, Duration pause,
		boolean pooler, int buckets, String faults, long seed) {

	static RunSize ofSystemProperties() {
		return new RunSize(Duration.ofSeconds(number("seconds", 6)), (int) number("writers", 12),
				(int) number("sessions", 4), (int) number("readers", 4), (int) number("historians", 2),
				(int) number("drafters", 3), Duration.ofMillis(number("pause", 300)),
				Boolean.getBoolean("exactness.pooler"), (int) number("buckets", 1),
				System.getProperty("exactness.faults", ""), number("seed", System.nanoTime()));
	}

	private static long number(String name, long otherwise) {
		return Long.getLong("exactness." + name, otherwise);
	}

}
