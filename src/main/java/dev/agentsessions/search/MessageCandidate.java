package dev.agentsessions.search;

import java.time.Instant;

import dev.agentsessions.message.LogRange;
import org.jspecify.annotations.Nullable;

/**
 * A message that may be what is looked for.
 *
 * @param session the row of its session
 * @param title of its session, null for none
 */
record MessageCandidate(long session, String sessionId, @Nullable String title, long seq, Instant timestamp) {

	LogRange range() {
		return new LogRange(this.session, this.seq, this.seq);
	}

	SearchPlace place() {
		return new SearchPlace(this.timestamp, this.session, this.seq);
	}

}
