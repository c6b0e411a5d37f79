package dev.agentsessions.message;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.database.rows.Timestamps;
import dev.agentsessions.web.json.JsonTree;
import dev.agentsessions.web.json.JsonValues;
import dev.agentsessions.web.json.JsonWriter;
import dev.agentsessions.web.json.Times;
import io.r2dbc.spi.Readable;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A stored message as the bytes that every answer is made of. The fields that a model API
 * takes stand together, so that both forms, the message and its part in a history, are
 * slices of the same bytes: <pre>{"seq":7,<b>"id":…,"role":"user","content":"…","name":…,
 * "tool_call_id":…,"tool_calls":…,"any other":…</b>,"timestamp":…}</pre>
 */
public final class EncodedMessage {

	private static final byte[] NO_CONTENT = ascii("\"content\":null,");

	private static final byte[] ID = ascii("\"id\":");

	private static final byte[] ROLE = ascii("\"role\":\"");

	private static final byte[] CONTENT = ascii("\",\"content\":\"");

	/** No role is longer. */
	private static final int MOST_BEFORE_CONTENT = 40;

	private static final int TIME_SIZE = ",\"timestamp\":\"0000-00-00T00:00:00.000000Z\"}".length();

	private final long seq;

	private final byte[] json;

	private final int coreStart;

	private final int coreEnd;

	private final boolean showsNoContent;

	/**
	 * A message that is encoded already, as {@link EncodedMessage} describes it.
	 * @param coreStart where the fields that a history has begin
	 * @param coreEnd where they end
	 * @param showsNoContent whether a history says of it that it has no content
	 */
	public EncodedMessage(long seq, byte[] json, int coreStart, int coreEnd, boolean showsNoContent) {
		this.seq = seq;
		this.json = json;
		this.coreStart = coreStart;
		this.coreEnd = coreEnd;
		this.showsNoContent = showsNoContent;
	}

	/**
	 * A stored message.
	 * @param row of {@link StoredLines#COLUMNS}: taken by number, they need not be looked
	 * for by name in each of a thousand rows
	 */
	public static EncodedMessage of(Readable row) {
		NewMessage message = new NewMessage(row.get(9, String.class), required(row, 1, String.class),
				row.get(2, String.class), json(row, 10), row.get(4, String.class), row.get(5, String.class),
				json(row, 6), row.get(7, Long.class), json(row, 8), json(row, 11));
		return of(required(row, 0, Long.class), Timestamps.parse(required(row, 3, String.class)), message);
	}

	private static <T> T required(Readable row, int column, Class<T> type) {
		return Objects.requireNonNull(row.get(column, type));
	}

	private static @Nullable JsonText json(Readable row, int column) {
		String json = row.get(column, String.class);
		return (json != null) ? new JsonText(json) : null;
	}

	/**
	 * A message as it will be read: its JSON must be as the database prints it.
	 */
	public static EncodedMessage of(long seq, Instant timestamp, NewMessage message) {
		JsonWriter writer = new JsonWriter().raw("{").number("seq", seq);
		int start = writer.size() + 1;
		writeCore(writer, message);
		int end = writer.size();
		writer.text("timestamp", Times.format(timestamp))
			.number("token_count", message.tokenCount())
			.json("metadata", NewMessage.json(message.metadata()))
			.raw("}");
		return new EncodedMessage(seq, writer.toByteArray(), start, end,
				showsNoContent(message.content() != null || message.parts() != null, message.toolCalls() != null,
						message.extra() != null));
	}

	/**
	 * Whether a history has null for a content that is not there: beside tool calls, as
	 * it is in chats, but not in what is made of other fields.
	 */
	public static boolean showsNoContent(boolean hasContent, boolean hasToolCalls, boolean hasOthers) {
		return !hasContent && (hasToolCalls || !hasOthers);
	}

	/**
	 * Whether a history would show this message as it would show that one; JSON must be
	 * written the same way.
	 */
	public boolean showsAs(NewMessage message) {
		JsonWriter writer = new JsonWriter();
		writeCore(writer, message);
		byte[] core = writer.toByteArray();
		return Arrays.equals(core, 0, core.length, this.json, this.coreStart, this.coreEnd);
	}

	/** Whether the message that is sent is this one; JSON is compared by value. */
	public boolean isSame(NewMessage sent) {
		JsonNode stored = tree();
		JsonNode other = of(this.seq, Instant.EPOCH, sent).tree();
		((ObjectNode) other).set("timestamp", stored.path("timestamp"));
		return JsonValues.equal(stored, other);
	}

	/**
	 * The caller's own name for it; null for none. It stands before all else that a
	 * caller says, so that nothing else need be parsed.
	 */
	public @Nullable String id() {
		int start = this.coreStart + ID.length;
		if (!Arrays.equals(this.json, this.coreStart, start, ID, 0, ID.length)) {
			return null;
		}
		int end = start + 1;
		boolean plain = true;
		while (this.json[end] != '"') {
			boolean escapes = this.json[end] == '\\';
			plain &= !escapes;
			end += escapes ? 2 : 1;
		}
		return plain ? new String(this.json, start + 1, end - start - 1, StandardCharsets.UTF_8)
				: JsonTree.stored(new String(this.json, start, end + 1 - start, StandardCharsets.UTF_8)).stringValue();
	}

	/**
	 * Its role and content, if that is all of it that a model takes, and has no character
	 * that is escaped: as most messages are, which need not be parsed for that.
	 * @return null if it has more than that
	 */
	public @Nullable PlainText plainText() {
		int roleStart = this.coreStart + ROLE.length;
		int roleEnd = find(CONTENT, this.coreStart, Math.min(this.coreEnd, this.coreStart + MOST_BEFORE_CONTENT));
		if (roleEnd < 0 || !Arrays.equals(this.json, this.coreStart, roleStart, ROLE, 0, ROLE.length)
				|| this.json[this.coreEnd - 1] != '"') {
			return null;
		}
		int start = roleEnd + CONTENT.length;
		for (int i = start; i < this.coreEnd - 1; i++) {
			if (this.json[i] == '"' || this.json[i] == '\\') {
				return null;
			}
		}
		return new PlainText(new String(this.json, roleStart, roleEnd - roleStart, StandardCharsets.US_ASCII),
				this.coreEnd - 1 - start);
	}

	private int find(byte[] part, int from, int to) {
		for (int i = from; i + part.length <= to; i++) {
			if (Arrays.equals(this.json, i, i + part.length, part, 0, part.length)) {
				return i;
			}
		}
		return -1;
	}

	/** Whether nothing stands behind the time: no number of tokens, no metadata. */
	public boolean endsWithTime() {
		return this.json.length == this.coreEnd + TIME_SIZE;
	}

	/** When it was stored. */
	public Instant timestamp() {
		return Times.parse(tree().path("timestamp").stringValue()).orElseThrow();
	}

	/** The message as a tree. */
	public JsonNode tree() {
		return JsonTree.stored(new String(this.json, StandardCharsets.UTF_8));
	}

	public long seq() {
		return this.seq;
	}

	/** The message; not to be changed. */
	public byte[] json() {
		return this.json;
	}

	/** How many bytes its JSON has. */
	public int size() {
		return this.json.length;
	}

	/** How many bytes the JSON of these messages has together. */
	public static long bytes(List<EncodedMessage> messages) {
		long bytes = 0;
		for (EncodedMessage message : messages) {
			bytes += message.size();
		}
		return bytes;
	}

	/** Writes the message as it stands in a history. */
	public void writeHistory(AnswerParts out) {
		beginHistory(out);
		out.add(this.json, this.coreStart, this.coreEnd - this.coreStart);
		out.add('}');
	}

	/** Writes all that there is of the message as it stands in a history. */
	public void writeFullHistory(AnswerParts out) {
		beginHistory(out);
		out.add(this.json, 1, this.json.length - 1);
	}

	private void beginHistory(AnswerParts out) {
		out.add('{');
		if (this.showsNoContent) {
			out.add(NO_CONTENT, 0, NO_CONTENT.length);
		}
	}

	/** Writes the message as it is. */
	public void write(AnswerParts out) {
		out.add(this.json, 0, this.json.length);
	}

	private static void writeCore(JsonWriter writer, NewMessage message) {
		writer.text("id", message.id())
			.text("role", message.role().isEmpty() ? null : message.role())
			.text("content", message.content())
			.json("content", NewMessage.json(message.parts()))
			.text("name", message.name())
			.text("tool_call_id", message.toolCallId())
			.json("tool_calls", NewMessage.json(message.toolCalls()))
			.fields(NewMessage.json(message.extra()));
	}

	private static byte[] ascii(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

	/**
	 * A message of nothing but text.
	 *
	 * @param size the bytes of its content
	 */
	public record PlainText(String role, int size) {
	}

}
