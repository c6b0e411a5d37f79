package dev.agentsessions.web.request;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

import dev.agentsessions.problem.InvalidInput;
import dev.agentsessions.problem.Problems;

import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.util.UriUtils;

/**
 * Parts of a path, decoded strictly. Spring's own path variables drop everything after a
 * <code>;</code> and put U+FFFD for bytes that are not UTF-8: two different sessions
 * could become one.
 */
public final class PathSegments {

	private PathSegments() {
	}

	/**
	 * The decoded segment of the request's path, without a prefix that it may have before
	 * what the routes are matched with.
	 * @param index counted from 0: in <code>/v1/sessions/a</code> the 2nd is
	 * <code>a</code>
	 */
	public static String decode(ServerRequest request, int index) {
		String raw = request.requestPath().pathWithinApplication().value().split("/", index + 3)[index + 1];
		try {
			return Percents.decode(raw);
		}
		catch (CharacterCodingException ex) {
			throw Problems.invalid(InvalidInput.parameter("path", "is not percent-encoded UTF-8"));
		}
	}

	/**
	 * The text as one segment of a path, or a value in a query: everything but unreserved
	 * characters percent-encoded.
	 */
	public static String encode(String text) {
		return UriUtils.encode(text, StandardCharsets.UTF_8);
	}

}
