package dev.agentsessions.message;

import java.time.Instant;

/**
 * What an append did, or had done the first time.
 *
 * @param timestamp of all the messages
 * @param replayed whether this repeats the answer to an earlier request with the same key
 */
record Appended(long firstSeq, long lastSeq, Instant timestamp, boolean replayed) {
}
