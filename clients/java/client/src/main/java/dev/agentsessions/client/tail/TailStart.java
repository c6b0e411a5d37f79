package dev.agentsessions.client.tail;

import org.jspecify.annotations.Nullable;

/**
 * Where a tail begins, and what it tells.
 *
 * @param after behind this message; null for the end
 * @param position behind everything that was told up to it, which wins over
 * {@code after}; null for none
 * @param drafts whether it tells of messages while they are written
 * @param awaitsCreation whether a session that is not there yet is followed from its
 * creation, instead of 404
 */
public record TailStart(@Nullable Long after, @Nullable String position, boolean drafts, boolean awaitsCreation) {

	/** With what comes from now on. */
	public static final TailStart NOW = new TailStart(null, null, false, false);

	/** Behind the message with this number; 0 for the beginning. */
	public static TailStart after(long seq) {
		return new TailStart(seq, null, false, false);
	}

	/** Behind a {@link TailEvent#position()}, also of another process. */
	public static TailStart position(String position) {
		return new TailStart(null, position, false, false);
	}

	public TailStart withDrafts() {
		return new TailStart(this.after, this.position, true, this.awaitsCreation);
	}

	public TailStart awaitCreation() {
		return new TailStart(this.after, this.position, this.drafts, true);
	}

}
