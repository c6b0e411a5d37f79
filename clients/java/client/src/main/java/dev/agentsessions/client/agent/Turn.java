package dev.agentsessions.client.agent;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

import dev.agentsessions.client.message.Message;
import dev.agentsessions.client.session.SessionDetails;
import org.jspecify.annotations.Nullable;

/**
 * One turn of an agent, written as a whole or not at all: up to 1,000 messages, then the
 * switch, then the metadata of the agent's context. Of the details of the session it sets
 * those that the session does not have yet.
 *
 * @param contextMetadata replaces that of the agent's context; null leaves it
 */
public record Turn(List<Message> messages, @Nullable NewAgentSwitch agentSwitch,
		@Nullable Map<String, ?> contextMetadata, @Nullable SessionDetails session) {

	public static Turn of(Message... messages) {
		return of(Arrays.asList(messages));
	}

	public static Turn of(List<Message> messages) {
		return new Turn(List.copyOf(messages), null, null, null);
	}

	public Turn then(NewAgentSwitch agentSwitch) {
		return new Turn(this.messages, agentSwitch, this.contextMetadata, this.session);
	}

	public Turn contextMetadata(Map<String, ?> metadata) {
		return new Turn(this.messages, this.agentSwitch, metadata, this.session);
	}

	public Turn session(SessionDetails session) {
		return new Turn(this.messages, this.agentSwitch, this.contextMetadata, session);
	}

}
