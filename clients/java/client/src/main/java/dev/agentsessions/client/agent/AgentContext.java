package dev.agentsessions.client.agent;

import java.time.Instant;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Which agent is at work in a session.
 *
 * @param lastSwitchAt null if there was no switch
 */
public record AgentContext(String sessionId, String currentAgent, long switchCount,
		Map<String, @Nullable Object> metadata, Instant createdAt, Instant updatedAt, @Nullable Instant lastSwitchAt) {

}
