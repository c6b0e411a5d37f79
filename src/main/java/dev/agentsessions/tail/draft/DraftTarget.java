package dev.agentsessions.tail.draft;

import dev.agentsessions.session.SessionKey;

/**
 * Which draft a request is about.
 *
 * @param offset code points that the caller takes the draft to have
 * @param create whether the session may be new
 */
record DraftTarget(SessionKey session, String messageId, long offset, boolean create) {
}
