package dev.agentsessions.session.lifecycle;

import java.time.Instant;

import dev.agentsessions.session.SessionRow;
import org.jspecify.annotations.Nullable;

/**
 * Statistics of one session: all of it is kept on the session's row.
 *
 * @param viewMessageCount how many messages a model sees
 * @param totalTokens the sum of <code>token_count</code> over the messages of the log
 */
record SessionStats(String sessionId, long messageCount, long viewMessageCount, long totalTokens,
		@Nullable Instant lastMessageAt, Instant createdAt, Instant lastActivity) {

	static SessionStats of(SessionRow row) {
		return new SessionStats(row.sessionId(), row.head().messageCount(),
				row.view().messageCount(row.firstSeq(), row.lastSeq()), row.totalTokens(), row.lastMessageAt(),
				row.createdAt(), row.lastActivity());
	}

}
