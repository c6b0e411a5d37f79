package dev.agentsessions.erasure;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * An erasure under way, or its receipt.
 *
 * @param id of its row
 * @param horizon the last row of a session that there was when it was asked for: what
 * comes later is new, under whatever name
 * @param sessions that are out of reach by now
 * @param messages that were in them
 * @param finishedAt when nothing of them was left, null before
 */
record Erasure(long id, String tenant, String erasureId, ErasureTarget target, long horizon, ErasureState state,
		long sessions, long messages, Instant requestedAt, @Nullable Instant finishedAt) {
}
