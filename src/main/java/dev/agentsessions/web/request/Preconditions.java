package dev.agentsessions.web.request;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.web.reactive.function.server.ServerRequest;

/**
 * The headers that make a write conditional or repeatable.
 */
public final class Preconditions {

	private static final String IDEMPOTENCY_KEY = "Idempotency-Key";

	private static final int MAX_KEY = 255;

	/** 18 digits always fit into a long. */
	private static final Pattern SEQ_TAG = Pattern.compile("\"(0|[1-9]\\d{0,17})\"");

	private static final Pattern VIEW_TAG = Pattern.compile("\"(0|[1-9]\\d{0,17})-(0|[1-9]\\d{0,17})\"");

	private Preconditions() {
	}

	/**
	 * The idempotency key, 1 to 255 characters of UTF-8, or else of Latin-1; null if
	 * there is none. Errors: 400.
	 */
	public static @Nullable String idempotencyKey(ServerRequest request) {
		String given = only(request, IDEMPOTENCY_KEY);
		String key = (given != null) ? utf8(given) : null;
		if (key != null && (key.isEmpty() || key.codePointCount(0, key.length()) > MAX_KEY
				|| key.chars().anyMatch(Character::isISOControl))) {
			throw Query.wrong(IDEMPOTENCY_KEY,
					"must have 1 to " + MAX_KEY + " characters, none of them a control character");
		}
		return key;
	}

	/**
	 * The seq that <code>If-Match: "7"</code> names; null if there is none. Errors: 400.
	 */
	public static @Nullable Long expectedLast(ServerRequest request) {
		Matcher tag = tag(request, SEQ_TAG, "must be the session's ETag, for example \"7\", in quotes");
		return (tag != null) ? Long.valueOf(tag.group(1)) : null;
	}

	/**
	 * What <code>If-Match: "7-2"</code> names: the last seq and the number of the view;
	 * null if there is none. Errors: 400.
	 */
	public static long @Nullable [] expectedView(ServerRequest request) {
		Matcher tag = tag(request, VIEW_TAG, "must be the ETag of the view, for example \"7-2\", in quotes");
		return (tag != null) ? new long[] { Long.parseLong(tag.group(1)), Long.parseLong(tag.group(2)) } : null;
	}

	private static @Nullable Matcher tag(ServerRequest request, Pattern form, String detail) {
		String given = only(request, HttpHeaders.IF_MATCH);
		Matcher tag = (given != null) ? form.matcher(given.strip()) : null;
		if (tag != null && !tag.matches()) {
			throw Query.wrong(HttpHeaders.IF_MATCH, detail);
		}
		return tag;
	}

	/** Netty takes each byte of a header for a character. */
	private static String utf8(String header) {
		try {
			ByteBuffer bytes = StandardCharsets.ISO_8859_1.newEncoder().encode(CharBuffer.wrap(header));
			return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
		}
		catch (CharacterCodingException ex) {
			return header;
		}
	}

	private static @Nullable String only(ServerRequest request, String header) {
		List<String> values = request.headers().header(header);
		if (values.size() > 1) {
			throw Query.wrong(header, "is given " + values.size() + " times");
		}
		return values.isEmpty() ? null : values.get(0);
	}

}
