package dev.agentsessions.search.index;

import java.util.List;

/**
 * Some messages of a session that are to be indexed.
 *
 * @param session as it is known to be
 * @param reached up to which it is indexed then
 * @param words of those of its messages that have any
 */
record Step(Behind session, long reached, List<IndexedWords> words) {

	long characters() {
		return this.words.stream().mapToLong((each) -> each.words().length()).sum();
	}

}
