package dev.agentsessions.client.retention;

import org.jspecify.annotations.Nullable;

/**
 * Which sessions are soft-deleted now, besides those that have expired.
 *
 * @param maxAgeHours those that nobody has written to for longer, 1 hour at least; null:
 * 24
 * @param dryRun whether they are counted only
 */
public record CleanUp(@Nullable Long maxAgeHours, boolean dryRun) {

	public static final CleanUp DEFAULT = new CleanUp(null, false);

	public CleanUp maxAgeHours(long hours) {
		return new CleanUp(hours, this.dryRun);
	}

	public CleanUp countOnly() {
		return new CleanUp(this.maxAgeHours, true);
	}

}
