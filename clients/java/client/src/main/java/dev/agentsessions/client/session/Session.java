package dev.agentsessions.client.session;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * A session as it is.
 *
 * @param deletedAt when it was soft-deleted; null if it is not
 * @param labels empty if there are none
 * @param expiresAt when it is soft-deleted, however active it is
 * @param metadata empty if there is none
 * @param lastSeq the last number of its log; 0 if it never had a message
 * @param forkedFrom the session that this one began as
 */
public record Session(String sessionId, Instant createdAt, Instant lastActivity, boolean isActive,
		@Nullable Instant deletedAt, @Nullable String owner, @Nullable String title, Map<String, String> labels,
		@Nullable Instant expiresAt, Map<String, @Nullable Object> metadata, long lastSeq,
		@Nullable ForkedFrom forkedFrom) {

	public Session {
		labels = Objects.requireNonNullElse(labels, Map.of()); // absent in JSON
		metadata = Objects.requireNonNullElse(metadata, Map.of());
	}

	/**
	 * Where a fork comes from.
	 *
	 * @param seq the last message that was taken over
	 */
	public record ForkedFrom(String sessionId, long seq) {

	}

}
