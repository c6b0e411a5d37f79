package dev.agentsessions.agent.context;

import java.time.Instant;
import java.util.List;

import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.write.ContextChange;
import dev.agentsessions.write.ContextChange.Compared;
import org.jspecify.annotations.Nullable;

/**
 * A context to save. What is null is left as it is; in a new context it is empty.
 *
 * @param history all switches, the oldest first
 * @param switchCount null for as many as the history has, if that is given
 */
record ContextSave(String currentAgent, @Nullable List<NewSwitch> history, @Nullable JsonText metadata,
		@Nullable Instant createdAt, @Nullable Long switchCount) {

	/**
	 * What has to be written when the history has been compared with the switches that
	 * are stored: what is sent is added to them if it begins with them; else it stands in
	 * their place.
	 * @param sessionDbId the session's row
	 * @param lastSwitchNo the last number that its switches have used
	 */
	ContextChange comparedWith(long sessionDbId, long lastSwitchNo, SwitchComparison stored) {
		List<NewSwitch> sent = (this.history != null) ? this.history : List.of();
		return change(stored.differs() ? sent : sent.subList(stored.same(), sent.size()),
				new Compared(sessionDbId, lastSwitchNo, stored.same(), stored.differs()));
	}

	/** What has to be written where there is no history to compare. */
	ContextChange change() {
		return change(null, null);
	}

	private ContextChange change(@Nullable List<NewSwitch> switches, @Nullable Compared compared) {
		return new ContextChange(this.currentAgent, this.metadata, this.createdAt, this.switchCount, switches, compared,
				false);
	}

}
