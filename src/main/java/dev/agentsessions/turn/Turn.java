package dev.agentsessions.turn;

import java.util.List;

import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.database.JsonText;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.session.IdempotencyKey;
import dev.agentsessions.session.SessionKey;
import org.jspecify.annotations.Nullable;

/**
 * One step of an agent: messages, then the switch, then the metadata of the context. At
 * least one of them.
 *
 * @param create whether to create the session if it does not exist
 * @param expectedLast the session's last as the caller knows it (<code>If-Match</code>),
 * null for any
 */
record Turn(SessionKey session, List<NewMessage> messages, @Nullable NewSwitch agentSwitch,
		@Nullable JsonText contextMetadata, boolean create, @Nullable Long expectedLast, @Nullable IdempotencyKey key) {

	/** Approximate bytes. */
	long size() {
		return NewMessage.size(this.messages) + ((this.agentSwitch != null) ? this.agentSwitch.size() : 0)
				+ JsonText.size(this.contextMetadata);
	}

}
