package dev.agentsessions.agent;

/**
 * A context within a transaction that holds the session's lock.
 */
record HeldContext(long id, String currentAgent, long switchCount) {
}
