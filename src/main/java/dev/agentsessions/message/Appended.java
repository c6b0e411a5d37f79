package dev.agentsessions.message;

import java.time.Instant;

import dev.agentsessions.session.SessionState;

/**
 * What an append did, or had done the first time.
 *
 * @param sessionDbId the session's row
 * @param lastSwitchNo the last number that the session's switches had used by then
 * @param timestamp of all the messages
 * @param replayed whether this repeats the answer to an earlier request with the same key
 */
public record Appended(long sessionDbId, long firstSeq, long lastSeq, long lastSwitchNo, Instant timestamp,
		boolean replayed) {

	/** Whether this is what has happened next to a session that had this state. */
	public boolean continues(SessionState state) {
		return this.sessionDbId == state.id() && !state.deleted() && this.firstSeq == state.lastSeq() + 1
				&& this.lastSwitchNo == state.lastSwitchNo();
	}

}
