package dev.agentsessions.retention;

import java.time.Duration;

import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What leaves when. All ages are by the database's clock.
 *
 * @param enabled whether the scheduled job runs; what was purged already, or deleted for
 * good by a client, is removed in any case
 * @param interval between two runs of the job; each replica varies it by a tenth, so that
 * they don't all run at once
 * @param maxIdle after which a session without a write is soft-deleted
 * @param purgeAfter how long a soft-deleted session can be restored; then it is removed
 * for good
 */
@ConfigurationProperties("store.retention")
public record RetentionSettings(@DefaultValue("true") boolean enabled,
		@DefaultValue("1h") @DurationMin(seconds = 1) @DurationMax(days = LONGEST_DAYS) Duration interval,
		@DefaultValue("24h") @DurationMin(minutes = 1) @DurationMax(days = LONGEST_DAYS) Duration maxIdle,
		@DefaultValue("30d") @DurationMin @DurationMax(days = LONGEST_DAYS) Duration purgeAfter) {

	/** Fifty years: as good as never, and its seconds fit into what H2 can subtract. */
	public static final long LONGEST_DAYS = 18_250;

}
