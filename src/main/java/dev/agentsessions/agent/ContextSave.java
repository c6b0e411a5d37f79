package dev.agentsessions.agent;

import java.time.Instant;
import java.util.List;

import dev.agentsessions.database.JsonText;
import dev.agentsessions.session.SessionKey;
import org.jspecify.annotations.Nullable;

/**
 * A context to save. What is null is left as it is; in a new context it is empty.
 *
 * @param history all switches, the oldest first
 * @param switchCount null for as many as the history has, if that is given
 */
record ContextSave(SessionKey session, String currentAgent, @Nullable List<NewSwitch> history,
		@Nullable JsonText metadata, @Nullable Instant createdAt, @Nullable Long switchCount) {

	/** Approximate bytes. */
	long size() {
		return JsonText.size(this.metadata)
				+ ((this.history != null) ? this.history.stream().mapToLong(NewSwitch::size).sum() : 0);
	}

}
