package dev.agentsessions.client.session;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * What a session has.
 *
 * @param messageCount how many messages its log has
 * @param viewMessageCount how many of them a model sees
 * @param totalTokens the sum of the token counts of its messages
 * @param lastMessageAt null if it has none
 */
public record SessionStats(String sessionId, long messageCount, long viewMessageCount, long totalTokens,
		@Nullable Instant lastMessageAt, Instant createdAt, Instant lastActivity) {

}
