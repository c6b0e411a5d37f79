package dev.agentsessions.write;

import java.time.Instant;
import java.util.List;

import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.database.rows.JsonText;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done to the agent context of a session. What is null stays as it is; in a
 * new context it is empty.
 *
 * @param currentAgent creates the context if there is none; null for one that must be
 * there, else it is 404
 * @param switchCount null for as many as there are, if switches are given
 * @param switches what has to be added to the context's history, null if that stays as it
 * is
 * @param compared what the history was compared with; not null with switches
 * @param removes whether the context goes, with its switches
 */
public record ContextChange(@Nullable String currentAgent, @Nullable JsonText metadata, @Nullable Instant createdAt,
		@Nullable Long switchCount, @Nullable List<NewSwitch> switches, @Nullable Compared compared, boolean removes) {

	public static ContextChange metadata(JsonText metadata) {
		return new ContextChange(null, metadata, null, null, null, null, false);
	}

	public static ContextChange removal() {
		return new ContextChange(null, null, null, null, null, null, true);
	}

	/** Approximate bytes. */
	public long size() {
		return JsonText.size(this.metadata)
				+ ((this.switches != null) ? this.switches.stream().mapToLong(NewSwitch::size).sum() : 0);
	}

	/**
	 * A history of switches that somebody has read.
	 *
	 * @param sessionDbId the session's row
	 * @param lastSwitchNo the last number that its switches had used
	 * @param count how many switches there were
	 * @param replaced whether none of them stays; the replacement takes one number itself
	 */
	public record Compared(long sessionDbId, long lastSwitchNo, int count, boolean replaced) {

		public boolean isStillSo(LockedSession session) {
			return session.id() == this.sessionDbId && session.lastSwitchNo() == this.lastSwitchNo;
		}

	}

}
