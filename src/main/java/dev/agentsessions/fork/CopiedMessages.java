package dev.agentsessions.fork;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * Messages that a fork has taken over.
 *
 * @param count how many
 * @param tokens the sum of their <code>token_count</code>
 * @param lastAt the time of the last one, null for none
 */
record CopiedMessages(long count, long tokens, @Nullable Instant lastAt) {

	static final CopiedMessages NONE = new CopiedMessages(0, 0, null);

	/** With those behind them. */
	CopiedMessages plus(CopiedMessages others) {
		return new CopiedMessages(this.count + others.count, this.tokens + others.tokens,
				(others.lastAt != null) ? others.lastAt : this.lastAt);
	}

}
