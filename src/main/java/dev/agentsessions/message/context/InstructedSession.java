package dev.agentsessions.message.context;

import java.util.List;
import java.util.regex.Pattern;

import dev.agentsessions.database.rows.RowReader;
import dev.agentsessions.session.LogHead;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.view.View;

/**
 * What a model sees of a session, and where its instructions are.
 *
 * @param instructions the numbers of the system and developer messages of its log,
 * ascending; of very many only the first
 */
record InstructedSession(LogHead head, View view, List<Long> instructions) {

	/** The columns of <code>sessions</code>, before the instructions. */
	static final String COLUMNS = LogHead.COLUMNS + ", last_view_no, cast(view_json as text)";

	private static final Pattern NUMBER = Pattern.compile("\\d+");

	/** The last column is an array as text, which each engine writes in its own way. */
	static InstructedSession of(SessionKey key, RowReader columns) {
		LogHead head = LogHead.of(key, columns);
		View view = View.of(columns.number(), head.firstSeq(), columns.json());
		return new InstructedSession(head, view,
				NUMBER.matcher(columns.text()).results().map((seq) -> Long.valueOf(seq.group())).toList());
	}

	/** What there is to see, in its order. */
	List<View.Range> viewed() {
		return this.view.in(this.head.firstSeq(), this.head.lastSeq());
	}

}
