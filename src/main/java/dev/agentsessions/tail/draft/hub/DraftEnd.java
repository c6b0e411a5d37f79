package dev.agentsessions.tail.draft.hub;

import org.jspecify.annotations.Nullable;

/**
 * What became of a draft.
 *
 * @param seq of the message that it has become; null if it was discarded
 */
record DraftEnd(@Nullable Long seq) {

	static final DraftEnd DISCARDED = new DraftEnd(null);

}
