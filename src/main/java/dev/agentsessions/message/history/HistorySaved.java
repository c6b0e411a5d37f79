package dev.agentsessions.message.history;

/**
 * What saving a history did.
 *
 * @param lastSeq the session's last after it
 * @param appended how many messages were written
 * @param replaced whether what was stored before is gone
 */
record HistorySaved(String sessionId, long lastSeq, int appended, boolean replaced) {
}
