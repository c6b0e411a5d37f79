package dev.agentsessions.retention;

import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What leaves when. All ages are by the database's clock.
 *
 * @param enabled whether the scheduled job runs; what was purged already, or deleted for
 * good by a client, is removed in any case
 * @param interval between two runs of the job, one second or more; each replica varies it
 * by a tenth, so that they don't all run at once
 * @param maxIdle after which a session without a write is soft-deleted, one minute or
 * more
 * @param purgeAfter how long a soft-deleted session can be restored, zero or more; then
 * it is removed for good
 * @param batchSize the most sessions, or rows of one session, that one statement changes,
 * 1 to 10,000
 * @param pause between two statements, up to a minute: it is what leaves room for the
 * requests
 * @param sweepInterval between two looks for what is to be removed, 10 ms or more
 */
@ConfigurationProperties("store.retention")
public record RetentionSettings(@DefaultValue("true") boolean enabled, @DefaultValue("PT1H") Duration interval,
		@DefaultValue("PT24H") Duration maxIdle, @DefaultValue("P30D") Duration purgeAfter,
		@DefaultValue("500") int batchSize, @DefaultValue("PT0.1S") Duration pause,
		@DefaultValue("PT5S") Duration sweepInterval) {

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
