package dev.agentsessions.tail.draft;

import java.time.Instant;

/**
 * A draft as it is listed.
 */
record OpenDraft(String messageId, String text, Instant startedAt) {
}
