package dev.agentsessions.client.retention;

import org.jspecify.annotations.Nullable;

/**
 * Which soft-deleted sessions are removed for good now.
 *
 * @param daysOld those that were soft-deleted longer ago; null: 30
 * @param dryRun whether they are counted only
 */
public record Purge(@Nullable Long daysOld, boolean dryRun) {

	public static final Purge DEFAULT = new Purge(null, false);

	public Purge daysOld(long days) {
		return new Purge(days, this.dryRun);
	}

	public Purge countOnly() {
		return new Purge(this.daysOld, true);
	}

}
