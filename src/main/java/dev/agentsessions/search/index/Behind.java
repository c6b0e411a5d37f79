package dev.agentsessions.search.index;

import java.time.Instant;

import dev.agentsessions.message.LogRange;
import org.jspecify.annotations.Nullable;

/**
 * A session whose log may have messages that are not indexed.
 *
 * @param id of its row
 * @param indexed what of it is indexed, null if nothing was yet
 */
record Behind(long id, String tenant, long firstSeq, long lastSeq, Instant lastActivity, @Nullable Indexed indexed) {

	/** Whether there is anything to do. */
	boolean isBehind() {
		return (this.indexed == null) ? this.lastSeq >= this.firstSeq
				: this.indexed.firstSeq < this.firstSeq || this.indexed.seq < this.lastSeq;
	}

	/** Whether messages are indexed that its log no longer has. */
	boolean hasOldMessages() {
		return this.indexed != null && this.indexed.firstSeq < this.firstSeq;
	}

	/** What is to be indexed next, not more than some messages; may be none. */
	LogRange next(int most) {
		long from = (this.indexed != null) ? Math.max(this.indexed.seq + 1, this.firstSeq) : this.firstSeq;
		return new LogRange(this.id, from, Math.min(this.lastSeq, from + most - 1));
	}

	/** The same once it is indexed up to there. */
	Behind indexedTo(long seq) {
		return new Behind(this.id, this.tenant, this.firstSeq, this.lastSeq, this.lastActivity,
				new Indexed(this.firstSeq, seq));
	}

	/**
	 * What is indexed of a log.
	 *
	 * @param firstSeq where the log began
	 * @param seq up to where
	 */
	record Indexed(long firstSeq, long seq) {
	}

}
