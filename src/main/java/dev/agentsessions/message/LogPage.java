package dev.agentsessions.message;

import java.util.List;

import dev.agentsessions.session.LogHead;

/**
 * A page of a log.
 *
 * @param session as it was when the page was read
 * @param messages ascending
 * @param hasMore whether messages follow in the direction that was asked for
 */
record LogPage(LogHead session, List<EncodedMessage> messages, boolean hasMore) {
}
