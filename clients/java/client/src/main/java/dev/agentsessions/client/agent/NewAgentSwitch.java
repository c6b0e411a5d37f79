package dev.agentsessions.client.agent;

import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A switch to another agent that is to happen.
 *
 * @param fromAgent the agent that must still be at work, otherwise 409
 * {@code agent-conflict}; null for any
 */
public record NewAgentSwitch(String toAgent, @Nullable String fromAgent, @Nullable String reason,
		@Nullable Map<String, ?> metadata) {

	public static NewAgentSwitch to(String toAgent) {
		return new NewAgentSwitch(toAgent, null, null, null);
	}

	public NewAgentSwitch ifCurrent(String fromAgent) {
		return new NewAgentSwitch(this.toAgent, fromAgent, this.reason, this.metadata);
	}

	public NewAgentSwitch reason(String reason) {
		return new NewAgentSwitch(this.toAgent, this.fromAgent, reason, this.metadata);
	}

	public NewAgentSwitch metadata(Map<String, ?> metadata) {
		return new NewAgentSwitch(this.toAgent, this.fromAgent, this.reason, metadata);
	}

}
