package dev.agentsessions.retention;

import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What leaves when. All ages are by the database's clock.
 *
 * @param enabled whether the scheduled job runs; what was purged already, or deleted for
 * good by a client, is removed in any case
 * @param interval between two runs of the job; each replica varies it by a tenth, so that
 * they don't all run at once; 1s to 18250d
 * @param maxIdle after which a session without a write is soft-deleted; 1m to 18250d
 * @param purgeAfter how long a soft-deleted session can be restored; then it is removed
 * for good; 0s to 18250d
 * @param batchSize the most sessions, or rows of one session, that one statement changes;
 * 1 to 10000
 * @param pause between two statements: it is what leaves room for the requests; 0s to 1m
 * @param sweepInterval between two looks for what was removed and still has rows; 10ms to
 * 1d
 */
@ConfigurationProperties("store.retention")
public record RetentionSettings(@DefaultValue("true") boolean enabled, @DefaultValue("1h") Duration interval,
		@DefaultValue("24h") Duration maxIdle, @DefaultValue("30d") Duration purgeAfter,
		@DefaultValue("500") int batchSize, @DefaultValue("100ms") Duration pause,
		@DefaultValue("5s") Duration sweepInterval) {

	/** Fifty years: as good as never, and its seconds fit into what H2 can subtract. */
	static final Duration LONGEST = Duration.ofDays(18_250);

	public RetentionSettings {
		require("interval", interval, Duration.ofSeconds(1), LONGEST);
		require("max-idle", maxIdle, Duration.ofMinutes(1), LONGEST);
		require("purge-after", purgeAfter, Duration.ZERO, LONGEST);
		require("pause", pause, Duration.ZERO, Duration.ofMinutes(1));
		require("sweep-interval", sweepInterval, Duration.ofMillis(10), Duration.ofDays(1));
		if (batchSize < 1 || batchSize > 10_000) {
			throw new IllegalArgumentException(
					"store.retention.batch-size must be from 1 to 10000, but is " + batchSize);
		}
	}

	private static void require(String name, Duration value, Duration least, Duration most) {
		if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
			throw new IllegalArgumentException(
					"store.retention." + name + " must be from " + least + " to " + most + ", but is " + value);
		}
	}

}
