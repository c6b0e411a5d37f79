package dev.agentsessions.client.retention;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * What leaves when by the scheduled job, as the replica that answered knows it; each
 * replica has its own.
 *
 * @param lastRun null before the first one
 * @param nextRun null while the job runs, and where it is disabled
 */
public record Retention(Settings settings, @Nullable Run lastRun, @Nullable Instant nextRun) {

	/**
	 * The settings of the job.
	 *
	 * @param enabled whether it runs by itself
	 * @param interval from one run to the next
	 * @param maxIdle after how long without a write a session without an expiry is
	 * soft-deleted
	 * @param purgeAfter for how long a soft-deleted session can be restored
	 * @param batchSize how many sessions are taken at a time
	 * @param pause between two batches
	 * @param sweepInterval between two looks for what is left to be removed
	 */
	public record Settings(boolean enabled, Duration interval, Duration maxIdle, Duration purgeAfter, int batchSize,
			Duration pause, Duration sweepInterval) {

	}

	/**
	 * What a run has done.
	 *
	 * @param succeeded if not, what is counted has been done nevertheless
	 * @param cleaned how many sessions were soft-deleted
	 * @param expired how many of them had expired
	 * @param deleted how many sessions were removed for good
	 * @param messages how many messages were in those
	 */
	public record Run(Instant startedAt, Instant finishedAt, boolean succeeded, long cleaned, long expired,
			long deleted, long messages) {

	}

}
