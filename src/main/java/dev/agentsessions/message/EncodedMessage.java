package dev.agentsessions.message;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.database.rows.Timestamps;
import dev.agentsessions.web.json.JsonWriter;
import dev.agentsessions.web.json.Times;
import io.r2dbc.spi.Readable;
import org.jspecify.annotations.Nullable;

/**
 * A stored message as the bytes that every answer is made of. The fields that a model API
 * takes stand together, so that both forms, the message and its part in a history, are
 * slices of the same bytes:
 * <pre>{"seq":7,<b>"role":"user","content":"…","name":…,"tool_call_id":…,"tool_calls":…</b>,"timestamp":…}</pre>
 */
public final class EncodedMessage {

	private static final byte[] NO_CONTENT = ascii("\"content\":null,");

	private final long seq;

	private final byte[] json;

	private final int coreStart;

	private final int coreEnd;

	private final boolean hasContent;

	/**
	 * A message that is encoded already, as {@link EncodedMessage} describes it.
	 * @param coreStart where the fields that a history has begin
	 * @param coreEnd where they end
	 */
	public EncodedMessage(long seq, byte[] json, int coreStart, int coreEnd, boolean hasContent) {
		this.seq = seq;
		this.json = json;
		this.coreStart = coreStart;
		this.coreEnd = coreEnd;
		this.hasContent = hasContent;
	}

	/**
	 * A stored message.
	 * @param row of {@link RangeReads#COLUMNS}: taken by number, they need not be looked
	 * for by name in each of a thousand rows
	 */
	public static EncodedMessage of(Readable row) {
		NewMessage message = new NewMessage(required(row, 1, String.class), row.get(2, String.class),
				row.get(4, String.class), row.get(5, String.class), json(row, 6), row.get(7, Long.class), json(row, 8));
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
		JsonWriter writer = new JsonWriter().raw("{").number("seq", seq).raw(",");
		int start = writer.size();
		writeCore(writer, message);
		int end = writer.size();
		writer.text("timestamp", Times.format(timestamp))
			.number("token_count", message.tokenCount())
			.json("metadata", NewMessage.json(message.metadata()))
			.raw("}");
		return new EncodedMessage(seq, writer.toByteArray(), start, end, message.content() != null);
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

	/**
	 * Writes the message as it stands in a history, where a content that is not there is
	 * null.
	 */
	public void writeHistory(AnswerParts out) {
		out.add('{');
		if (!this.hasContent) {
			out.add(NO_CONTENT, 0, NO_CONTENT.length);
		}
		out.add(this.json, this.coreStart, this.coreEnd - this.coreStart);
		out.add('}');
	}

	/** Writes the message as it is. */
	public void write(AnswerParts out) {
		out.add(this.json, 0, this.json.length);
	}

	private static void writeCore(JsonWriter writer, NewMessage message) {
		writer.raw("\"role\":\"")
			.raw(message.role())
			.raw("\"")
			.text("content", message.content())
			.text("name", message.name())
			.text("tool_call_id", message.toolCallId())
			.json("tool_calls", NewMessage.json(message.toolCalls()));
	}

	private static byte[] ascii(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

}
