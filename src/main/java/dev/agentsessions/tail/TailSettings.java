package dev.agentsessions.tail;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How many live tails there may be.
 *
 * @param maxStreams the most open streams on a replica; beyond it the answer is 503; at
 * least 1
 * @param maxStreamsPerTenant the most open streams of one tenant on a replica; beyond it
 * the answer is 429; with the default no tenant can fill a replica by itself; at least 1
 * @param maxSessionsPerTenant the most sessions that the streams of one tenant on a
 * replica follow together, each counted for every stream; beyond it the answer is 429; at
 * least 1
 */
@ConfigurationProperties("store.tails")
record TailSettings(@DefaultValue("20000") int maxStreams, @DefaultValue("15000") int maxStreamsPerTenant,
		@DefaultValue("20000") int maxSessionsPerTenant) {

	TailSettings {
		requireSome("max-streams", maxStreams);
		requireSome("max-streams-per-tenant", maxStreamsPerTenant);
		requireSome("max-sessions-per-tenant", maxSessionsPerTenant);
	}

	private static void requireSome(String name, int number) {
		if (number < 1) {
			throw new IllegalArgumentException("store.tails." + name + " must be at least 1, but is " + number);
		}
	}

}
