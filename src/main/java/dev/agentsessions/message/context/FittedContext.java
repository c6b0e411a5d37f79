package dev.agentsessions.message.context;

import dev.agentsessions.session.SessionRow;

/**
 * What fits a model of a session as it was then.
 */
record FittedContext(SessionRow session, ModelContext context) {
}
