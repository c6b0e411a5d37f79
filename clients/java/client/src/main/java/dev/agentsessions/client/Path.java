package dev.agentsessions.client;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

/**
 * The path and query of a request, percent-encoded.
 */
record Path(String text) {

	private static final String UNRESERVED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

	static Path of(String... segments) {
		StringBuilder path = new StringBuilder("/v1");
		for (String segment : segments) {
			// no URL can have them there
			if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
				throw new IllegalArgumentException("An id is 1 to 255 characters, and not . or ..: '" + segment + "'");
			}
			encode(segment, path.append('/'));
		}
		return new Path(path.toString());
	}

	/** With one more parameter, unless it has no value. */
	Path with(String name, @Nullable Object value) {
		if (value == null) {
			return this;
		}
		StringBuilder path = new StringBuilder(this.text).append((this.text.indexOf('?') < 0) ? '?' : '&');
		path.append(name).append('=');
		encode(value.toString(), path);
		return new Path(path.toString());
	}

	private static void encode(String text, StringBuilder target) {
		for (byte each : utf8(text)) {
			if (UNRESERVED.indexOf(each) >= 0) {
				target.append((char) each);
			}
			else {
				target.append('%')
					.append(Character.forDigit((each >> 4) & 15, 16))
					.append(Character.forDigit(each & 15, 16));
			}
		}
	}

	/**
	 * Text as it goes out. Errors: {@link IllegalArgumentException} for half of a
	 * surrogate pair, which no bytes stand for.
	 */
	static byte[] utf8(String text) {
		try {
			ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
			byte[] encoded = new byte[bytes.remaining()];
			bytes.get(encoded);
			return encoded;
		}
		catch (CharacterCodingException ex) {
			throw new IllegalArgumentException("Half of a surrogate pair is no text: '" + text + "'", ex);
		}
	}

	@Override
	public String toString() {
		return this.text;
	}

}
