package dev.agentsessions.agent.context;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

import dev.agentsessions.agent.AgentSwitch;
import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.web.json.JsonValues;
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
	 * What has to be written if these are the switches that are stored: what is sent is
	 * added to them if it begins with them; else it stands in their place.
	 * @param sessionDbId the session's row
	 * @param lastSwitchNo the last number that its switches have used
	 */
	ContextChange comparedWith(long sessionDbId, long lastSwitchNo, List<AgentSwitch> stored) {
		List<NewSwitch> sent = (this.history != null) ? this.history : List.of();
		boolean replaced = !isBeginning(stored, sent);
		return change(replaced ? sent : sent.subList(stored.size(), sent.size()),
				new Compared(sessionDbId, lastSwitchNo, stored.size(), replaced));
	}

	/** What has to be written where there is no history to compare. */
	ContextChange change() {
		return change(null, null);
	}

	private ContextChange change(@Nullable List<NewSwitch> switches, @Nullable Compared compared) {
		return new ContextChange(this.currentAgent, this.metadata, this.createdAt, this.switchCount, switches, compared,
				false);
	}

	private static boolean isBeginning(List<AgentSwitch> stored, List<NewSwitch> sent) {
		if (stored.size() > sent.size()) {
			return false;
		}
		for (int i = 0; i < stored.size(); i++) {
			if (!matches(stored.get(i), sent.get(i))) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Time and metadata count where they are sent. A switch without metadata is answered
	 * with an empty object, so one that comes back with it is the same.
	 */
	private static boolean matches(AgentSwitch stored, NewSwitch sent) {
		return Objects.equals(stored.fromAgent(), sent.fromAgent()) && stored.toAgent().equals(sent.toAgent())
				&& Objects.equals(stored.reason(), sent.reason())
				&& (sent.switchedAt() == null || sent.switchedAt().equals(stored.switchedAt()))
				&& (sent.metadata() == null || JsonValues.equal(stored.metadata(), sent.metadata()));
	}

}
