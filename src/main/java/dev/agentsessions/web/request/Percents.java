package dev.agentsessions.web.request;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;

/**
 * Percent-encoded text, read strictly: U+FFFD in place of what is not UTF-8 could make
 * one of two different names.
 */
final class Percents {

	private Percents() {
	}

	/**
	 * The text.
	 * @throws CharacterCodingException if it is not percent-encoded UTF-8
	 */
	static String decode(String raw) throws CharacterCodingException {
		return isPlain(raw) ? raw : StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes(raw))).toString();
	}

	/** Whether it stands for itself, as most ids do. */
	private static boolean isPlain(String raw) {
		for (int i = 0; i < raw.length(); i++) {
			if (raw.charAt(i) == '%' || raw.charAt(i) > 0x7F) {
				return false;
			}
		}
		return true;
	}

	private static byte[] bytes(String raw) throws CharacterCodingException {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
		for (int i = 0; i < raw.length(); i++) {
			char c = raw.charAt(i);
			if (c == '%') {
				bytes.write(hex(raw, i + 1) << 4 | hex(raw, i + 2));
				i += 2;
			}
			else if (c <= 0xFF) {
				// an unencoded byte of the request line, which Netty reads as Latin-1
				bytes.write(c);
			}
			else {
				throw new MalformedInputException(i);
			}
		}
		return bytes.toByteArray();
	}

	private static int hex(String raw, int index) throws CharacterCodingException {
		int digit = (index < raw.length()) ? Character.digit(raw.charAt(index), 16) : -1;
		if (digit < 0) {
			throw new MalformedInputException(index);
		}
		return digit;
	}

}
