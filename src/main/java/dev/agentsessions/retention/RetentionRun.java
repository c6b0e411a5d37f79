package dev.agentsessions.retention;

import java.time.Instant;

/**
 * A run of the job, and what it has done for one tenant or for all.
 *
 * @param succeeded whether it came to its end; what a failed one counts has been done
 * nevertheless
 * @param cleaned sessions that were soft-deleted
 * @param expired those of them whose time had come
 * @param deleted sessions that were purged
 * @param messages that were in the purged ones
 */
record RetentionRun(Instant startedAt, Instant finishedAt, boolean succeeded, long cleaned, long expired, long deleted,
		long messages) {
}
