package dev.agentsessions.client.agent;

import java.time.Instant;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A switch to another agent that has happened.
 *
 * @param switchNo its number in its session, which grows with every switch
 * @param fromAgent null if no agent was at work before
 * @param atSeq the last message when it happened
 */
public record AgentSwitch(long switchNo, @Nullable String fromAgent, String toAgent, Instant switchedAt,
		@Nullable String reason, Map<String, @Nullable Object> metadata, long atSeq) {

}
