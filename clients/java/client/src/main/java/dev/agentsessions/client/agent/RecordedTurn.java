package dev.agentsessions.client.agent;

import org.jspecify.annotations.Nullable;

/**
 * What a turn wrote.
 *
 * @param firstSeq the first of its messages' numbers; null if it had none
 * @param lastSeq the last number of the session's log after it
 * @param replayed whether it had been written before, by an earlier try, say
 */
public record RecordedTurn(@Nullable Long firstSeq, long lastSeq, @Nullable AgentSwitch agentSwitch, boolean replayed) {

}
