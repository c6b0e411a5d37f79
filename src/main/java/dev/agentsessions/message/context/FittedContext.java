package dev.agentsessions.message.context;

/**
 * What fits a model of a session as it was then.
 */
record FittedContext(InstructedSession session, ModelContext context) {
}
