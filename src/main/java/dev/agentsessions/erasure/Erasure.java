package dev.agentsessions.erasure;

import java.time.Instant;
import java.util.Collections;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * An erasure under way, or its receipt: that of one bucket, or of all. Each bucket has a
 * row for each erasure, also if it has none of its sessions: a fork of one may be there.
 *
 * @param bucket of its row
 * @param id of its row
 * @param horizon the last row of a session that there was when it was asked for: what
 * comes later is new, under whatever name
 * @param sessions that are out of reach by now
 * @param messages that were in them
 * @param finishedAt when nothing of them was left, null before
 */
record Erasure(int bucket, long id, String tenant, String erasureId, ErasureTarget target, long horizon,
		ErasureState state, long sessions, long messages, Instant requestedAt, @Nullable Instant finishedAt) {

	/** What the rows of all buckets come to. */
	static Erasure whole(List<Erasure> rows) {
		return rows.stream().reduce(Erasure::and).orElseThrow();
	}

	private Erasure and(Erasure other) {
		Instant finished = (this.finishedAt == null || other.finishedAt == null) ? null
				: Collections.max(List.of(this.finishedAt, other.finishedAt));
		return new Erasure(this.bucket, this.id, this.tenant, this.erasureId, this.target, this.horizon,
				Collections.min(List.of(this.state, other.state)), this.sessions + other.sessions,
				this.messages + other.messages, Collections.min(List.of(this.requestedAt, other.requestedAt)),
				finished);
	}

}
