package dev.agentsessions.search.index;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * How far the index has come.
 *
 * @param through all that was committed before this time is indexed
 * @param now what is committed before this time can be seen from now on
 * @param walk that has not come to its end, null for none
 */
record IndexProgress(Instant through, Instant now, @Nullable Walk walk) {

	/** A new walk, which begins where what is indexed ends. */
	Walk newWalk(Instant since) {
		return new Walk(this.now, since, 0);
	}

	/**
	 * A walk through the sessions in the order of their last activity.
	 *
	 * @param through what was committed before this time is indexed when it ends
	 * @param activity of the session that it has got to
	 * @param id of the row of that session
	 */
	record Walk(Instant through, Instant activity, long id) {

		Walk to(Behind session) {
			return new Walk(this.through, session.lastActivity(), session.id());
		}

	}

}
