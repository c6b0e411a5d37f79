package dev.agentsessions.web.json;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * Writes JSON objects as bytes, field by field, for what is written a hundred thousand
 * times a second. Fields without a value are left out.
 */
public final class JsonWriter extends ByteArrayOutputStream {

	private static final JsonStringEncoder encoder = JsonStringEncoder.getInstance();

	public JsonWriter() {
		super(256);
	}

	/** What is JSON already, or a part of it. */
	public JsonWriter raw(String json) {
		writeBytes(json.getBytes(StandardCharsets.UTF_8));
		return this;
	}

	/** A field with a string. */
	public JsonWriter text(String name, @Nullable String value) {
		if (value != null) {
			name(name).raw("\"");
			writeBytes(encoder.quoteAsUTF8(value));
			raw("\"");
		}
		return this;
	}

	/** A string as it stands in JSON. */
	public static String quoted(String text) {
		return "\"" + new String(encoder.quoteAsUTF8(text), StandardCharsets.UTF_8) + "\"";
	}

	/** A field with a number. */
	public JsonWriter number(String name, @Nullable Long value) {
		return (value != null) ? name(name).raw(value.toString()) : this;
	}

	/** A field with a value that is JSON already. */
	public JsonWriter json(String name, @Nullable String json) {
		return (json != null) ? name(name).raw(json) : this;
	}

	/** The fields of an object that is JSON already. */
	public JsonWriter fields(@Nullable String object) {
		if (object != null) {
			separate().raw(object.substring(1, object.length() - 1));
		}
		return this;
	}

	private JsonWriter name(String name) {
		return separate().raw("\"").raw(name).raw("\":");
	}

	private JsonWriter separate() {
		if (this.count > 0 && this.buf[this.count - 1] != '{') {
			raw(",");
		}
		return this;
	}

	@Override
	public String toString() {
		return toString(StandardCharsets.UTF_8);
	}

}
