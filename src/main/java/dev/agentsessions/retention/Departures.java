package dev.agentsessions.retention;

import java.util.List;

import org.springframework.stereotype.Component;

/**
 * The one place that every session passes which retention takes away, once, right after
 * the commit; also when the caller who asked for it has hung up.
 */
@Component
class Departures {

	private final RetentionMetrics metrics;

	Departures(RetentionMetrics metrics) {
		this.metrics = metrics;
	}

	/** These sessions were idle, and are soft-deleted now. */
	void softDeleted(List<Departure> sessions) {
		this.metrics.softDeleted(sessions.size());
	}

	/**
	 * These sessions were soft-deleted, and are out of reach now; what they held is
	 * removed in pieces.
	 */
	void purged(List<Departure> sessions) {
		this.metrics.purged(sessions.size());
	}

}
