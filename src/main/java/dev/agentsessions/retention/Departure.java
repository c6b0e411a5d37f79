package dev.agentsessions.retention;

import java.time.Instant;

import dev.agentsessions.session.SessionKey;

/**
 * A session that a batch has taken away from its clients.
 *
 * @param session under which they knew it
 * @param messages how many its log held
 * @param since the time for which it was due: when it was last used, say, or when it
 * expired
 */
record Departure(SessionKey session, long messages, Instant since) {
}
