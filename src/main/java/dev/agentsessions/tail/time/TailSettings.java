package dev.agentsessions.tail.time;

import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Live tails.
 *
 * @param heartbeat after how much silence a comment is sent; 10ms to 30d
 * @param maxAge after which a stream ends with <code>bye</code>, so that load spreads
 * again after a rollout; each one up to a quarter earlier; 10ms to 30d
 * @param retry how long a follower is asked to wait before it comes back; each one up to
 * as much again; 10ms to 30d
 * @param backstop how often followed sessions are looked at in case a wake-up was lost; a
 * tail is at most two of these and 100 ms behind; 10ms to 30d
 * @param maxStreams the most open streams on a replica; beyond it the answer is 503; at
 * least 1
 * @param maxStreamsPerTenant the most open streams of one tenant on a replica; beyond it
 * the answer is 429; with the default no tenant can fill a replica by itself; at least 1
 * @param maxSessionsPerTenant the most sessions that the streams of one tenant on a
 * replica follow together, each counted for every stream; beyond it the answer is 429; at
 * least 1
 */
@ConfigurationProperties("store.tails")
public record TailSettings(@DefaultValue("15s") Duration heartbeat, @DefaultValue("1h") Duration maxAge,
		@DefaultValue("1s") Duration retry, @DefaultValue("800ms") Duration backstop,
		@DefaultValue("20000") int maxStreams, @DefaultValue("15000") int maxStreamsPerTenant,
		@DefaultValue("20000") int maxSessionsPerTenant) {

	public TailSettings {
		requireTime("heartbeat", heartbeat);
		requireTime("max-age", maxAge);
		requireTime("retry", retry);
		requireTime("backstop", backstop);
		requireSome("max-streams", maxStreams);
		requireSome("max-streams-per-tenant", maxStreamsPerTenant);
		requireSome("max-sessions-per-tenant", maxSessionsPerTenant);
	}

	private static void requireSome(String name, int number) {
		if (number < 1) {
			throw new IllegalArgumentException("store.tails." + name + " must be at least 1, but is " + number);
		}
	}

	private static void requireTime(String name, Duration time) {
		if (time.toMillis() < 10 || time.compareTo(Duration.ofDays(30)) > 0) {
			throw new IllegalArgumentException("store.tails." + name + " must be from 10ms to 30 days, but is " + time);
		}
	}

}
