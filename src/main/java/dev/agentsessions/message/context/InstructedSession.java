package dev.agentsessions.message.context;

import java.util.List;
import java.util.regex.Pattern;

import dev.agentsessions.database.rows.RowReader;
import dev.agentsessions.session.SessionRow;

/**
 * A session and where its instructions are.
 *
 * @param instructions the numbers of the system and developer messages of its log,
 * ascending; of very many only the first
 */
record InstructedSession(SessionRow row, List<Long> instructions) {

	private static final Pattern NUMBER = Pattern.compile("\\d+");

	/** The last column is an array as text, which each engine writes in its own way. */
	static InstructedSession of(RowReader columns) {
		SessionRow row = SessionRow.of(columns);
		return new InstructedSession(row,
				NUMBER.matcher(columns.text()).results().map((seq) -> Long.valueOf(seq.group())).toList());
	}

}
