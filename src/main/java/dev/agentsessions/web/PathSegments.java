package dev.agentsessions.web;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

import dev.agentsessions.problem.InvalidInput;
import dev.agentsessions.problem.Problems;

import org.springframework.web.reactive.function.server.ServerRequest;

/**
 * Parts of a path, decoded strictly. Spring's own path variables drop everything after a
 * <code>;</code> and put U+FFFD for bytes that are not UTF-8: two different sessions
 * could become one.
 */
public final class PathSegments {

	private PathSegments() {
	}

	/**
	 * The decoded segment of the request's path.
	 * @param index counted from 0: in <code>/v1/sessions/a</code> the 2nd is
	 * <code>a</code>
	 */
	public static String decode(ServerRequest request, int index) {
		String raw = request.uri().getRawPath().split("/", index + 3)[index + 1];
		if (isPlain(raw)) {
			return raw;
		}
		try {
			return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes(raw))).toString();
		}
		catch (CharacterCodingException | IllegalArgumentException ex) {
			throw Problems.invalid(InvalidInput.parameter("path", "is not percent-encoded UTF-8"));
		}
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

	private static byte[] bytes(String raw) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
		for (int i = 0; i < raw.length(); i++) {
			char c = raw.charAt(i);
			if (c == '%') {
				bytes.write(hex(raw, i + 1) << 4 | hex(raw, i + 2));
				i += 2;
			}
			else if (c <= 0xFF) {
				bytes.write(c); // an unencoded byte of the request line, which Netty
								// reads as Latin-1
			}
			else {
				throw new IllegalArgumentException("not a byte");
			}
		}
		return bytes.toByteArray();
	}

	private static int hex(String raw, int index) {
		int digit = (index < raw.length()) ? Character.digit(raw.charAt(index), 16) : -1;
		if (digit < 0) {
			throw new IllegalArgumentException("not hexadecimal");
		}
		return digit;
	}

	/**
	 * The text as one segment of a path: everything but unreserved characters
	 * percent-encoded.
	 */
	public static String encode(String text) {
		return org.springframework.web.util.UriUtils.encode(text, StandardCharsets.UTF_8);
	}

}
