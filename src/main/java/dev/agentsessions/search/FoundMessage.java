package dev.agentsessions.search;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A message in an answer.
 *
 * @param title of its session, null for none
 * @param role null if it has none
 * @param snippet the part of it in which something was found
 * @param matches where in the snippet: from and to (exclusive), in code points
 */
record FoundMessage(String sessionId, @Nullable String title, long seq, @Nullable String role, Instant timestamp,
		String snippet, List<int[]> matches) {
}
