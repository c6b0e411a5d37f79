package dev.agentsessions.tail.time;

import java.time.Duration;

import org.springframework.stereotype.Component;

/**
 * The times of live tails.
 *
 * @param heartbeat after how much silence a comment is sent
 * @param maxAge after which a stream ends with <code>bye</code>, so that load spreads
 * again after a rollout; each one up to a quarter earlier
 * @param retry how long a follower is asked to wait before it comes back; each one up to
 * as much again
 * @param reconciliation how often followed sessions are looked at in case a wake-up was
 * lost; a tail is at most two of these and 100 ms behind
 */
@Component
public record TailTimes(Duration heartbeat, Duration maxAge, Duration retry, Duration reconciliation) {

	public TailTimes() {
		this(Duration.ofSeconds(15), Duration.ofHours(1), Duration.ofSeconds(1), Duration.ofMillis(800));
	}

}
