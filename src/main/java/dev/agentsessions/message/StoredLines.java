package dev.agentsessions.message;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.agentsessions.database.rows.Timestamps;
import dev.agentsessions.web.json.Times;
import io.r2dbc.spi.Readable;

/**
 * Messages as PostgreSQL puts them together: one text for a whole range, in which fields
 * and messages are told apart by two control characters that no JSON text holds. A row
 * for each message with a value for each column costs the driver three times as much, and
 * text that is JSON already need not be encoded here.
 */
public final class StoredLines {

	/** Ends a message; ASCII calls it the record separator. */
	private static final byte MESSAGE_END = 0x1E;

	/** Ends a field; ASCII calls it the unit separator. */
	private static final byte FIELD_END = 0x1F;

	/** A message as a row, for {@link EncodedMessage#of(Readable)}. */
	public static final String COLUMNS = """
			seq, role, content, cast(timestamp as varchar) as timestamp, name, tool_call_id, cast(tool_calls as text) as tool_calls, token_count,
			cast(metadata_json as text) as metadata_json, message_id, cast(parts_json as text) as parts_json,
			cast(extra_json as text) as extra_json""";

	private static final String FIELD = ", E'\\x1f', ";

	/**
	 * An SQL expression: the message of a row of <code>messages</code>, with the fields
	 * that most messages lack left out where all of them are missing.
	 */
	private static final String LINE = "concat(" + String.join(FIELD, "seq", "role", "to_json(content)", "timestamp")
			+ ", case when coalesce(message_id, name, tool_call_id) is not null or token_count is not null"
			+ " or coalesce(tool_calls, metadata_json, parts_json, extra_json) is not null then concat(E'\\x1f', "
			+ String.join(FIELD, "to_json(name)", "to_json(tool_call_id)", "tool_calls", "token_count", "metadata_json",
					"to_json(message_id)", "parts_json", "extra_json")
			+ ") end)";

	/**
	 * About how long a line is, as far as that is known without reading what may be
	 * large: JSON that is compressed where it is stored mostly becomes four times as
	 * long.
	 */
	private static final String ABOUT = bytes(
			"pg_column_size(%1$s) * case when pg_column_compression(%1$s) is null then 1 else 4 end");

	/**
	 * A line is no shorter than this: an array of one digit takes most where it is
	 * stored, seven times as much as its text.
	 */
	private static final String LEAST = bytes("pg_column_size(%1$s) / 8");

	private static final String BEFORE = " over (order by seq rows between unbounded preceding and 1 preceding)";

	private static final String ALL = "string_agg(%s, E'\\x1e')";

	private StoredLines() {
	}

	/** An SQL expression: the length of the content, and what is said of each JSON. */
	private static String bytes(String json) {
		return Stream.of("tool_calls", "metadata_json", "parts_json", "extra_json")
			.map((column) -> "coalesce(" + json.formatted(column) + ", 0)")
			.collect(Collectors.joining(" + ", "coalesce(octet_length(content), 0) + ", ""));
	}

	/**
	 * SQL for the lines of a query for rows of <code>messages</code>, as one text: all of
	 * them, but of messages larger than an expression says only their numbers.
	 */
	public static String small(String rows, String mostBytes) {
		return "select "
				+ ALL
					.formatted("case when octet_length(line) <= " + mostBytes + " then line else cast(seq as text) end")
				+ " as lines from (select seq, case when " + LEAST + " <= " + mostBytes + " then " + LINE
				+ " end as line from (" + rows + ") r offset 0) l";
	}

	/**
	 * SQL for the lines of a query for rows of <code>messages</code>, as one text: the
	 * first, and those before which there are less bytes than this. To add them up costs
	 * half as much again as to read them. Those that are most likely not among them are
	 * not put together.
	 */
	public static String first(String rows, int mostBytes) {
		return "select " + ALL.formatted("line") + " as lines from (select line, sum(octet_length(line))" + BEFORE
				+ " as bytes_before from (select seq, " + LINE + " as line from (select r.*, sum(" + ABOUT + ")"
				+ BEFORE + " as about_before from (" + rows + ") r) r where coalesce(about_before, 0) < " + mostBytes
				+ " offset 0) l) s where coalesce(bytes_before, 0) < " + mostBytes;
	}

	/**
	 * The messages of such a text, ascending, up to the first one of which there is only
	 * the number.
	 */
	public static List<EncodedMessage> read(String lines) {
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

	private static int indexOf(byte end, byte[] text, int from, int to) {
		int at = from;
		while (at < to && text[at] != end) {
			at++;
		}
		return at;
	}

	/**
	 * One message, which becomes JSON by copying: the values are JSON already, but for
	 * the time and what needs no escaping.
	 */
	private static final class StoredLine {

		private static final int FIELDS = 12;

		private static final int SEQ = 0;

		private static final int ROLE = 1;

		private static final int CONTENT = 2;

		private static final int TIME = 3;

		private static final int NAME = 4;

		private static final int TOOL_CALL_ID = 5;

		private static final int TOOL_CALLS = 6;

		private static final int TOKEN_COUNT = 7;

		private static final int METADATA = 8;

		private static final int ID = 9;

		private static final int PARTS = 10;

		private static final int OTHERS = 11;

		/** What stands before the value of each field. */
		private static final byte[][] NAMES = ascii("{\"seq\":", ",\"role\":\"", ",\"content\":", ",\"timestamp\":\"",
				",\"name\":", ",\"tool_call_id\":", ",\"tool_calls\":", ",\"token_count\":", ",\"metadata\":",
				",\"id\":", ",\"content\":", ",");

		private static final byte[] UTC = { '+', '0', '0' };

		private static final byte[] TIME_FORM = "0000-00-00T00:00:00.000000Z".getBytes(StandardCharsets.US_ASCII);

		private static final int DATE = 10;

		private static final int WHOLE_SECONDS = 19;

		private final byte[] text;

		private final int[] starts = new int[FIELDS];

		private final int[] ends = new int[FIELDS];

		private final int fields;

		private byte[] json = {};

		private int size;

		/** The line from one index to another of this text. */
		StoredLine(byte[] text, int from, int to) {
			this.text = text;
			int field = 0;
			for (int start = from; start <= to && field < FIELDS; field++) {
				this.starts[field] = start;
				this.ends[field] = indexOf(FIELD_END, text, start, to);
				start = this.ends[field] + 1;
			}
			this.fields = field;
		}

		/** Whether it has more than the number. */
		boolean isWhole() {
			return this.fields > TIME;
		}

		long seq() {
			long seq = 0;
			for (int i = this.starts[SEQ]; i < this.ends[SEQ]; i++) {
				seq = seq * 10 + this.text[i] - '0';
			}
			return seq;
		}

		EncodedMessage message() {
			byte[] time = time();
			this.json = new byte[size(time)];
			add(SEQ);
			int coreStart = this.size + 1;
			add(ID);
			if (length(ROLE) > 0) {
				add(ROLE);
				add('"');
			}
			add(CONTENT);
			add(PARTS);
			add(NAME);
			add(TOOL_CALL_ID);
			add(TOOL_CALLS);
			addOthers();
			int coreEnd = this.size;
			add(NAMES[TIME], 0, NAMES[TIME].length);
			add(time, 0, time.length);
			add('"');
			add(TOKEN_COUNT);
			add(METADATA);
			add('}');
			return new EncodedMessage(seq(), this.json, coreStart, coreEnd, EncodedMessage
				.showsNoContent(length(CONTENT) + length(PARTS) > 0, length(TOOL_CALLS) > 0, length(OTHERS) > 0));
		}

		private int size(byte[] time) {
			int size = time.length - length(TIME) + 2 + ((length(ROLE) > 0) ? 1 : 0) - ((length(OTHERS) > 0) ? 2 : 0);
			for (int field = 0; field < this.fields; field++) {
				size += (length(field) > 0) ? NAMES[field].length + length(field) : 0;
			}
			return size;
		}

		/**
		 * The time as it is answered. Lanes ask for UTC, so that it is there but for a
		 * few characters, and a general formatter would take longer than all the rest.
		 */
		private byte[] time() {
			int start = this.starts[TIME];
			int zone = this.ends[TIME] - UTC.length;
			int digits = zone - start - WHOLE_SECONDS - 1;
			if (digits > 6 || digits == 0 || !Arrays.equals(this.text, zone, this.ends[TIME], UTC, 0, UTC.length)
					|| this.text[start + 4] != '-') {
				String stored = new String(this.text, start, length(TIME), StandardCharsets.US_ASCII);
				return Times.format(Timestamps.parse(stored)).getBytes(StandardCharsets.US_ASCII);
			}
			byte[] time = TIME_FORM.clone();
			System.arraycopy(this.text, start, time, 0,
					Math.min(WHOLE_SECONDS + 1 + Math.max(digits, 0), zone - start));
			time[DATE] = 'T';
			return time;
		}

		private int length(int field) {
			return this.ends[field] - this.starts[field];
		}

		/** Adds a field with its name, unless it has no value. */
		private void add(int field) {
			if (length(field) > 0) {
				add(NAMES[field], 0, NAMES[field].length);
				add(this.text, this.starts[field], length(field));
			}
		}

		/** Adds the fields of an object as fields of the message. */
		private void addOthers() {
			if (length(OTHERS) > 0) {
				add(NAMES[OTHERS], 0, 1);
				add(this.text, this.starts[OTHERS] + 1, length(OTHERS) - 2);
			}
		}

		private void add(char ascii) {
			this.json[this.size++] = (byte) ascii;
		}

		private void add(byte[] bytes, int from, int length) {
			System.arraycopy(bytes, from, this.json, this.size, length);
			this.size += length;
		}

		private static byte[][] ascii(String... names) {
			byte[][] bytes = new byte[names.length][];
			for (int i = 0; i < names.length; i++) {
				bytes[i] = names[i].getBytes(StandardCharsets.US_ASCII);
			}
			return bytes;
		}

	}

}
