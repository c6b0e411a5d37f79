package dev.agentsessions.transfer;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import dev.agentsessions.retention.RetentionSettings;

/**
 * What the service's retention settings will do to sessions that come in.
 *
 * @param maxIdle after which a session is soft-deleted
 * @param purgeAfter after which a soft-deleted session is removed for good
 * @param now the time of the import
 */
public record RetentionOutlook(boolean enabled, Duration maxIdle, Duration purgeAfter, Instant now) {

	boolean willDelete(SessionRecord session) {
		return this.enabled && session.deletedAt() == null && session.details().expiresAt() == null
				&& session.lastActivity().isBefore(this.now.minus(this.maxIdle));
	}

	boolean willExpire(SessionRecord session) {
		Instant expiresAt = session.details().expiresAt();
		return this.enabled && session.deletedAt() == null && expiresAt != null && expiresAt.isBefore(this.now);
	}

	boolean willPurge(SessionRecord session) {
		Instant deletedAt = session.deletedAt();
		return this.enabled && deletedAt != null && deletedAt.isBefore(this.now.minus(this.purgeAfter));
	}

	/** Empty if there is nothing to warn of. */
	String warning(long toBeDeleted, long toExpire, long toBePurged, Instant oldest) {
		List<String> parts = new ArrayList<>();
		if (toBeDeleted > 0) {
			parts.add(String.format(Locale.ROOT, "soft-delete %,d of these sessions (idle for more than %s)",
					toBeDeleted, words(this.maxIdle)));
		}
		if (toExpire > 0) {
			parts.add(String.format(Locale.ROOT, "soft-delete %,d that have expired", toExpire));
		}
		if (toBePurged > 0) {
			parts.add(String.format(Locale.ROOT, "remove %,d for good (soft-deleted more than %s ago)", toBePurged,
					words(this.purgeAfter)));
		}
		if (parts.isEmpty()) {
			return "";
		}
		StringBuilder text = new StringBuilder("\nThe service's next retention run will ")
			.append(String.join(" and ", parts))
			.append(".\nTo keep them, set before you start it: STORE_RETENTION_ENABLED=false");
		if (toBeDeleted > 0 && days(oldest) <= RetentionSettings.LONGEST_DAYS) {
			text.append(", or STORE_RETENTION_MAX_IDLE=%dd or more".formatted(days(oldest)));
		}
		if (toBePurged > 0) {
			text.append((toBeDeleted > 0) ? "; and a larger STORE_RETENTION_PURGE_AFTER"
					: ", or a larger STORE_RETENTION_PURGE_AFTER");
		}
		return text.append(".\n").toString();
	}

	/** Until the oldest would be deleted a month from now. */
	private long days(Instant oldest) {
		return Duration.between(oldest, this.now).toDays() + 31;
	}

	private static String words(Duration time) {
		return (time.toHours() >= 48) ? time.toDays() + " days" : (time.toHours() >= 2) ? time.toHours() + " hours"
				: (time.toMinutes() >= 2) ? time.toMinutes() + " minutes" : time.toSeconds() + " seconds";
	}

}
