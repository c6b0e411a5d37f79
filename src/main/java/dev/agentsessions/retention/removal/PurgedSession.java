package dev.agentsessions.retention.removal;

/**
 * A session that is out of reach and waits to be removed.
 *
 * @param id of its row
 * @param name by which they are ordered
 * @param rows about how many rows belong to it, rather too many: messages with their
 * words, switches, and a key for each write
 */
record PurgedSession(long id, String name, long rows) {
}
