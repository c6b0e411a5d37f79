package dev.agentsessions.message;

import java.time.Instant;

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
}
