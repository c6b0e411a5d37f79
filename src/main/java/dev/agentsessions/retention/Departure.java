package dev.agentsessions.retention;

import java.time.Instant;

import dev.agentsessions.session.SessionKey;

/**
 * A session that a batch has taken away from its clients.
 *
 * @param session under which they knew it
 * @param id of its row
 * @param messages how many its log held
 * @param lastActivity when it was last used
 */
record Departure(SessionKey session, long id, long messages, Instant lastActivity) {
}
