package dev.agentsessions.turn;

import dev.agentsessions.database.JsonText;
import org.jspecify.annotations.Nullable;

/**
 * What a turn did, or had done the first time.
 *
 * @param firstSeq null if it had no messages
 * @param lastSeq the session's last after it
 * @param agentSwitch as it is answered, null if it had none
 * @param replayed whether this repeats the answer to an earlier request with the same key
 */
record TurnDone(@Nullable Long firstSeq, long lastSeq, @Nullable JsonText agentSwitch, boolean replayed) {
}
