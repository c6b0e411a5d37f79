package dev.agentsessions.session;

import java.time.Instant;
import java.util.SortedMap;

import dev.agentsessions.database.rows.JsonText;
import org.jspecify.annotations.Nullable;

/**
 * A session as it is answered.
 *
 * @param lastActivity of any write
 * @param expiresAt when it is soft-deleted, however active
 * @param lastSeq of the newest message; 0 if there never was one
 * @param forkedFrom the session that it is a fork of, and its last message then; null for
 * none
 */
public record Session(String sessionId, Instant createdAt, Instant lastActivity, boolean isActive,
		@Nullable Instant deletedAt, @Nullable String owner, @Nullable String title,
		@Nullable SortedMap<String, String> labels, @Nullable Instant expiresAt, @Nullable JsonText metadata,
		long lastSeq, @Nullable JsonText forkedFrom) {

	public static Session of(SessionRow row) {
		SessionDetails details = row.details();
		return new Session(row.sessionId(), row.createdAt(), row.lastActivity(), row.deletedAt() == null,
				row.deletedAt(), details.owner(), details.title(), details.optionalLabels(), details.expiresAt(),
				details.metadata(), row.lastSeq(), row.forkedFrom());
	}

	/** What <code>If-Match</code> takes. */
	public static String etag(SessionRow row) {
		return "\"" + row.lastSeq() + "\"";
	}

}
