package dev.agentsessions.message.log;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import dev.agentsessions.message.EncodedMessage;

/**
 * Messages as PostgreSQL puts them together: one text for a whole range, in which fields
 * and messages are told apart by two control characters that no JSON text holds. A row
 * for each message with a value for each column costs the driver three times as much, and
 * text that is JSON already need not be encoded here.
 */
final class StoredLines {

	/** Ends a message; ASCII calls it the record separator. */
	private static final byte MESSAGE_END = 0x1E;

	/** Ends a field; ASCII calls it the unit separator. */
	private static final byte FIELD_END = 0x1F;

	private static final String FIELD = ", E'\\x1f', ";

	/**
	 * An SQL expression: the message of a row of <code>messages</code>, with the fields
	 * that most messages lack left out where all of them are missing.
	 */
	private static final String LINE = "concat(" + String.join(FIELD, "seq", "role", "to_json(content)", "timestamp")
			+ ", case when coalesce(name, tool_call_id) is not null or coalesce(tool_calls, metadata_json) is not null"
			+ " or token_count is not null then concat(E'\\x1f', "
			+ String.join(FIELD, "to_json(name)", "to_json(tool_call_id)", "tool_calls", "token_count", "metadata_json")
			+ ") end)";

	private static final String ALL = "string_agg(%s, E'\\x1e')";

	private StoredLines() {
	}

	/**
	 * SQL for the lines of a query for rows of <code>messages</code>, as one text: all of
	 * them, but of messages larger than an expression says only their numbers.
	 */
	static String small(String rows, String mostBytes) {
		return "select "
				+ ALL
					.formatted("case when octet_length(line) <= " + mostBytes + " then line else cast(seq as text) end")
				+ " as lines from (" + lines(rows) + ") l";
	}

	/**
	 * SQL for the lines of a query for rows of <code>messages</code>, as one text: the
	 * first, and those before which there are less bytes than this. To add them up costs
	 * half as much again as to read them.
	 */
	static String first(String rows, int mostBytes) {
		return "select " + ALL.formatted("line")
				+ " as lines from (select line, sum(octet_length(line)) over (order by seq"
				+ " rows between unbounded preceding and 1 preceding) as bytes_before from (" + lines(rows)
				+ ") l) s where coalesce(bytes_before, 0) < " + mostBytes;
	}

	private static String lines(String rows) {
		return "select seq, " + LINE + " as line from (" + rows + ") r offset 0";
	}

	/**
	 * The messages of such a text, ascending, up to the first one of which there is only
	 * the number.
	 */
	static List<EncodedMessage> read(String lines) {
		byte[] text = lines.getBytes(StandardCharsets.UTF_8);
		List<EncodedMessage> messages = new ArrayList<>();
		long firstLarge = Long.MAX_VALUE;
		for (int from = 0; from < text.length;) {
			int to = indexOf(MESSAGE_END, text, from, text.length);
			StoredLine line = new StoredLine(text, from, to);
			if (line.isWhole()) {
				messages.add(line.message());
			}
			else {
				firstLarge = Math.min(firstLarge, line.seq());
			}
			from = to + 1;
		}
		// an aggregate has the order of its input, but does not promise it
		messages.sort(Comparator.comparingLong(EncodedMessage::seq));
		int end = messages.size();
		while (end > 0 && messages.get(end - 1).seq() > firstLarge) {
			end--;
		}
		return messages.subList(0, end);
	}

	/** Where the next field of a line ends. */
	static int fieldEnd(byte[] text, int from, int to) {
		return indexOf(FIELD_END, text, from, to);
	}

	private static int indexOf(byte end, byte[] text, int from, int to) {
		int at = from;
		while (at < to && text[at] != end) {
			at++;
		}
		return at;
	}

}
