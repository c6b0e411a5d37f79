package dev.agentsessions.message;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

import dev.agentsessions.database.Columns;
import dev.agentsessions.database.JsonText;
import dev.agentsessions.web.Times;
import io.r2dbc.spi.Readable;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * A stored message as the bytes that every answer is made of. The fields that a model API
 * takes stand together, so that both forms, the message and its part in a history, are
 * slices of the same bytes:
 * <pre>{"seq":7,<b>"role":"user","content":"…","name":…,"tool_call_id":…,"tool_calls":…</b>,"timestamp":…}</pre>
 */
final class EncodedMessage {

	private static final byte[] NO_CONTENT = ascii("\"content\":null,");

	private final long seq;

	private final byte[] json;

	private final int coreStart;

	private final int coreEnd;

	private final boolean hasContent;

	private EncodedMessage(long seq, byte[] json, int coreStart, int coreEnd, boolean hasContent) {
		this.seq = seq;
		this.json = json;
		this.coreStart = coreStart;
		this.coreEnd = coreEnd;
		this.hasContent = hasContent;
	}

	static EncodedMessage of(Readable row) {
		Writer writer = new Writer();
		long seq = Columns.number(row, "seq");
		String content = row.get("content", String.class);
		writer.raw("{\"seq\":").raw(Long.toString(seq)).raw(",");
		int start = writer.size();
		writer.raw("\"role\":\"").raw(Columns.text(row, "role")).raw("\"");
		writer.text("content", content);
		writer.text("name", row.get("name", String.class));
		writer.text("tool_call_id", row.get("tool_call_id", String.class));
		writer.json("tool_calls", Columns.json(row, "tool_calls"));
		int end = writer.size();
		writer.raw(",\"timestamp\":\"").raw(Times.format(Columns.time(row, "timestamp"))).raw("\"");
		Long tokens = row.get("token_count", Long.class);
		if (tokens != null) {
			writer.raw(",\"token_count\":").raw(tokens.toString());
		}
		writer.json("metadata", Columns.json(row, "metadata_json"));
		writer.raw("}");
		return new EncodedMessage(seq, writer.toByteArray(), start, end, content != null);
	}

	long seq() {
		return this.seq;
	}

	/** The message; not to be changed. */
	byte[] json() {
		return this.json;
	}

	int size() {
		return this.json.length;
	}

	/**
	 * Writes the message as it stands in a history, where a content that is not there is
	 * null.
	 */
	void writeHistory(ByteArrayOutputStream out) {
		out.write('{');
		if (!this.hasContent) {
			out.writeBytes(NO_CONTENT);
		}
		out.write(this.json, this.coreStart, this.coreEnd - this.coreStart);
		out.write('}');
	}

	private static byte[] ascii(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

	private static final class Writer extends ByteArrayOutputStream {

		private static final JsonStringEncoder encoder = JsonStringEncoder.getInstance();

		Writer() {
			super(256);
		}

		Writer raw(String text) {
			writeBytes(text.getBytes(StandardCharsets.UTF_8));
			return this;
		}

		void text(String name, @Nullable String value) {
			if (value != null) {
				raw(",\"").raw(name).raw("\":\"");
				writeBytes(encoder.quoteAsUTF8(value));
				raw("\"");
			}
		}

		void json(String name, @Nullable JsonText value) {
			if (value != null) {
				raw(",\"").raw(name).raw("\":").raw(value.json());
			}
		}

	}

}
