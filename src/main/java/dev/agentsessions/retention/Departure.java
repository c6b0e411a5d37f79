package dev.agentsessions.retention;

import dev.agentsessions.session.SessionKey;

/**
 * A session that a batch has taken away from its clients.
 *
 * @param session under which they knew it
 * @param id of its row
 * @param messages how many its log held
 */
record Departure(SessionKey session, long id, long messages) {
}
