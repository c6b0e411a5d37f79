package dev.agentsessions.search.index;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A message in the index.
 *
 * @param session the row of its session
 * @param role null if it has none
 * @param words its lexemes, with spaces between
 */
record IndexedWords(long session, long seq, String tenant, Instant timestamp, @Nullable String role, String words) {
}
