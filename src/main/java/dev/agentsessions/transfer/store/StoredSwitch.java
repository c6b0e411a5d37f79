package dev.agentsessions.transfer.store;

import java.util.Objects;

import dev.agentsessions.transfer.SwitchRecord;

/**
 * A switch that is in the store.
 */
record StoredSwitch(long no, SwitchRecord record) {

	/**
	 * Whether they are the same, with its number and time if the source knows them.
	 * Behind which message it stands may follow from the times of messages, which change.
	 */
	boolean isSameAs(SwitchRecord source) {
		SwitchRecord stored = this.record;
		return Objects.equals(stored.fromAgent(), source.fromAgent()) && stored.toAgent().equals(source.toAgent())
				&& (source.switchedAt() == null || source.switchedAt().equals(stored.switchedAt()))
				&& Objects.equals(stored.reason(), source.reason())
				&& StoredSession.sameJson(stored.metadata(), source.metadata())
				&& (source.switchNo() == null || source.switchNo() == this.no);
	}

}
