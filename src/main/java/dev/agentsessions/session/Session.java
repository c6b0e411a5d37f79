package dev.agentsessions.session;

import java.time.Instant;

import dev.agentsessions.database.rows.JsonText;
import org.jspecify.annotations.Nullable;

/**
 * A session as it is answered.
 *
 * @param lastActivity of any write
 * @param lastSeq of the newest message; 0 if there never was one
 * @param forkedFrom the session that it is a fork of, and its last message then; null for
 * none
 */
public record Session(String sessionId, Instant createdAt, Instant lastActivity, boolean isActive,
		@Nullable Instant deletedAt, @Nullable JsonText metadata, long lastSeq, @Nullable JsonText forkedFrom) {

	public static Session of(SessionRow row) {
		return new Session(row.sessionId(), row.createdAt(), row.lastActivity(), row.deletedAt() == null,
				row.deletedAt(), row.metadataJson(), row.lastSeq(), row.forkedFrom());
	}

}
