package dev.agentsessions.transfer;

import java.time.Instant;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.web.json.Times;
import org.jspecify.annotations.Nullable;

/**
 * Writes one JSON object on one line, always the same for the same values. What is null
 * is left out.
 */
public final class JsonLine {

	private final StringBuilder line = new StringBuilder(256).append('{');

	private boolean first = true;

	public JsonLine text(String name, @Nullable String value) {
		if (value != null) {
			name(name);
			quote(value);
		}
		return this;
	}

	public JsonLine number(String name, @Nullable Long value) {
		return raw(name, (value != null) ? value.toString() : null);
	}

	public JsonLine flag(String name, boolean value) {
		return raw(name, Boolean.toString(value));
	}

	/** A time in microseconds. */
	public JsonLine time(String name, @Nullable Instant value) {
		return text(name, (value != null) ? Times.format(value) : null);
	}

	/** A field whose value is JSON already, taken as it is. */
	public JsonLine json(String name, @Nullable JsonText value) {
		return raw(name, (value != null) ? value.json() : null);
	}

	/** A field whose value is an object. */
	public JsonLine object(String name, JsonLine value) {
		return raw(name, value.toString());
	}

	private JsonLine raw(String name, @Nullable String value) {
		if (value != null) {
			name(name);
			this.line.append(value);
		}
		return this;
	}

	private void name(String name) {
		this.line.append(this.first ? "" : ",").append('"').append(name).append("\":");
		this.first = false;
	}

	private void quote(String text) {
		this.line.append('"');
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			if (c == '"' || c == '\\') {
				this.line.append('\\').append(c);
			}
			else if (c < ' ' || isLoneSurrogate(text, i)) {
				escape(c);
			}
			else {
				this.line.append(c);
			}
		}
		this.line.append('"');
	}

	private void escape(char c) {
		switch (c) {
			case '\n' -> this.line.append("\\n");
			case '\r' -> this.line.append("\\r");
			case '\t' -> this.line.append("\\t");
			default -> this.line.append("\\u").append("%04x".formatted((int) c));
		}
	}

	/** It is no character, and UTF-8 has no bytes for it. */
	private static boolean isLoneSurrogate(String text, int i) {
		char c = text.charAt(i);
		return (Character.isHighSurrogate(c)
				&& (i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))))
				|| (Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1))));
	}

	/** The line, without its end. */
	@Override
	public String toString() {
		return this.line + "}";
	}

}
