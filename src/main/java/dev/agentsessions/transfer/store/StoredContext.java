package dev.agentsessions.transfer.store;

import dev.agentsessions.transfer.ContextRecord;

/**
 * A context that is in the store.
 */
record StoredContext(long id, ContextRecord record) {

	boolean isSameAs(ContextRecord source) {
		ContextRecord stored = this.record;
		return stored.currentAgent().equals(source.currentAgent()) && stored.createdAt().equals(source.createdAt())
				&& stored.updatedAt().equals(source.updatedAt()) && stored.switchCount() == source.switchCount()
				&& StoredSession.sameJson(stored.metadata(), source.metadata());
	}

	/** Whether it was changed after that of the source. */
	boolean isNewerThan(ContextRecord source) {
		return this.record.updatedAt().isAfter(source.updatedAt());
	}

}
