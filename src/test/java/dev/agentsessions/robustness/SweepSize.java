package dev.agentsessions.robustness;

/**
 * How many mutated requests, from system properties <code>robustness.*</code>; what is
 * not given is small enough for every build.
 *
 * @param requests for each database engine, all clients together
 * @param clients threads that send them
 * @param seed of all that is random
 */
record SweepSize(int requests, int clients, long seed) {

	static SweepSize ofSystemProperties() {
		return new SweepSize((int) number("requests", 600), (int) number("clients", 4),
				number("seed", System.nanoTime()));
	}

	private static long number(String name, long otherwise) {
		return Long.getLong("robustness." + name, otherwise);
	}

}
