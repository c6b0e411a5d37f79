package dev.agentsessions.tail.draft;

import dev.agentsessions.write.Written;

/**
 * What became of a request that wrote to a draft.
 */
sealed interface DraftAnswer {

	/** Its message was appended, now or by an earlier request. */
	record Appended(Written done) implements DraftAnswer {
	}

	/** It was discarded. */
	record Discarded() implements DraftAnswer {
	}

	/** It is open, and has so many code points. */
	record Open(String messageId, long offset) implements DraftAnswer {
	}

}
