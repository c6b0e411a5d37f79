package dev.agentsessions.session.lifecycle;

import java.time.Instant;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.session.SessionRow;
import org.jspecify.annotations.Nullable;

/**
 * A session as it is answered.
 *
 * @param lastActivity of any write
 * @param lastSeq of the newest message; 0 if there never was one
 */
record Session(String sessionId, Instant createdAt, Instant lastActivity, boolean isActive, @Nullable Instant deletedAt,
		@Nullable JsonText metadata, long lastSeq) {

	static Session of(SessionRow row) {
		return new Session(row.sessionId(), row.createdAt(), row.lastActivity(), row.deletedAt() == null,
				row.deletedAt(), row.metadataJson(), row.lastSeq());
	}

}
