package dev.agentsessions.search;

import java.time.Instant;

import dev.agentsessions.paging.Cursor;
import dev.agentsessions.paging.RowIds;
import dev.agentsessions.web.json.Times;

/**
 * Up to where a search has come: messages are found from the newest to the oldest.
 *
 * @param session the row of a session
 */
record SearchPlace(Instant time, long session, long seq) {

	private static final String LIST = "search";

	/** Before all that are not newer than this. */
	static SearchPlace before(Instant time) {
		return new SearchPlace(time, Long.MAX_VALUE, Long.MAX_VALUE);
	}

	static SearchPlace of(String cursor, RowIds rows) {
		long[] key = Cursor.read(cursor, 3, LIST);
		return new SearchPlace(Times.ofMicros(key[0]), rows.openCursor(key[1]), key[2]);
	}

	String cursor(RowIds rows) {
		return Cursor.of(LIST, Times.toMicros(this.time), rows.seal(this.session), this.seq);
	}

}
