package dev.agentsessions.retention;

import java.util.List;

import dev.agentsessions.write.Commits;

import org.springframework.stereotype.Component;

/**
 * The one place that every session passes which retention takes away, once, right after
 * the commit; also when the caller who asked for it has hung up.
 */
@Component
class Departures {

	private final RetentionMetrics metrics;

	private final Commits commits;

	Departures(RetentionMetrics metrics, Commits commits) {
		this.metrics = metrics;
		this.commits = commits;
	}

	/** These sessions were idle, and are soft-deleted now. */
	void softDeleted(List<Departure> sessions) {
		this.metrics.softDeleted(sessions.size());
		tell(sessions);
	}

	/**
	 * These sessions were soft-deleted, and are out of reach now; what they held is
	 * removed in pieces.
	 */
	void purged(List<Departure> sessions) {
		this.metrics.purged(sessions.size());
		tell(sessions);
	}

	private void tell(List<Departure> sessions) {
		sessions.forEach((each) -> this.commits.changed(each.session()));
	}

}
