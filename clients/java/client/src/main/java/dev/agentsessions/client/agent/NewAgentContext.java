package dev.agentsessions.client.agent;

import java.time.Instant;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * An agent context as it is saved; what is null is left as it is.
 *
 * @param agentHistory all switches, the oldest first: what is new is appended, another
 * history replaces the stored one
 * @param switchCount as many as {@code agentHistory} has, if that is given and this is
 * not
 */
public record NewAgentContext(String currentAgent, @Nullable List<Entry> agentHistory,
		@Nullable Map<String, ?> metadata, @Nullable Instant createdAt, @Nullable Integer switchCount) {

	public static NewAgentContext of(String currentAgent) {
		return new NewAgentContext(currentAgent, null, null, null, null);
	}

	public NewAgentContext history(List<Entry> agentHistory) {
		return new NewAgentContext(this.currentAgent, agentHistory, this.metadata, this.createdAt, this.switchCount);
	}

	public NewAgentContext metadata(Map<String, ?> metadata) {
		return new NewAgentContext(this.currentAgent, this.agentHistory, metadata, this.createdAt, this.switchCount);
	}

	/**
	 * A switch.
	 *
	 * @param from null if no agent was at work before
	 */
	public record Entry(@Nullable String from, String to, @Nullable String reason, @Nullable Instant timestamp,
			@Nullable Map<String, ?> metadata) {

	}

}
