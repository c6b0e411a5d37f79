package dev.agentsessions.write.batch;

import java.time.Instant;
import java.util.Map;

import dev.agentsessions.session.SessionKey;
import dev.agentsessions.write.LockedSession;

/**
 * The sessions of a batch.
 *
 * @param byKey all of them, those that are not there as well; none for a row that cannot
 * be read
 * @param now the database's time after the last one was locked
 * @param transaction PostgreSQL's number of the transaction that holds the locks
 */
record LockedSessions(Map<SessionKey, LockedSession> byKey, Instant now, String transaction) {
}
