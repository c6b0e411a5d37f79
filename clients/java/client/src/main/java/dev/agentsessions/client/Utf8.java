package dev.agentsessions.client;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Text as it goes out.
 */
final class Utf8 {

	private Utf8() {
	}

	/**
	 * Errors: {@link IllegalArgumentException} for half of a surrogate pair, which no
	 * bytes stand for.
	 */
	static byte[] encode(String text) {
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

}
