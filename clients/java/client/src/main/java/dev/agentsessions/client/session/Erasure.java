package dev.agentsessions.client.session;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * The receipt of an erasure, which names nobody. Keep it; the store does for 90 days.
 *
 * @param state {@code marking} while some sessions may still be seen, {@code removing}
 * while something is left of them, {@code done}
 * @param sessions how many are out of reach by now
 * @param messages how many messages were in them
 * @param finishedAt when nothing of them was left; null before
 */
public record Erasure(String erasureId, String state, long sessions, long messages, Instant requestedAt,
		@Nullable Instant finishedAt) {

	public boolean isDone() {
		return this.state.equals("done");
	}

}
