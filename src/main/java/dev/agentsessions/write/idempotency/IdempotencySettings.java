package dev.agentsessions.write.idempotency;

import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long an idempotency key is remembered.
 *
 * @param keep how long a key is remembered, at least; then it is as if it had never been
 * used; at least 24h
 * @param interval between two clean-ups of old keys; at least 1s
 * @param batchSize the most keys that one statement of a clean-up removes; at least 1
 */
@ConfigurationProperties("store.idempotency")
record IdempotencySettings(@DefaultValue("24h") Duration keep, @DefaultValue("10m") Duration interval,
		@DefaultValue("1000") int batchSize) {

	private static final Duration LEAST = Duration.ofHours(24);

	IdempotencySettings {
		if (keep.compareTo(LEAST) < 0) {
			throw new IllegalArgumentException("store.idempotency.keep must be at least PT24H, but is " + keep);
		}
		if (interval.toMillis() < 1000 || batchSize < 1) {
			throw new IllegalArgumentException(
					"store.idempotency.interval must be at least PT1S, batch-size at least 1");
		}
	}

}
