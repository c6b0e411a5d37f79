package dev.agentsessions.client.message;

import java.time.Instant;

/**
 * The numbers that messages got.
 *
 * @param timestamp the time that they got
 * @param replayed whether they had been written before, by an earlier try, say
 */
public record Appended(String sessionId, long firstSeq, long lastSeq, Instant timestamp, boolean replayed) {

}
