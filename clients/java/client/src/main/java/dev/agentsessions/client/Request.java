package dev.agentsessions.client;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;

/**
 * What is asked of the store.
 *
 * @param body null for none
 */
record Request(HttpMethod method, Path path, byte @Nullable [] body, Map<String, String> headers) {

	private static final String TYPE = "Content-Type";

	static Request get(Path path) {
		return new Request(HttpMethod.GET, path, null, Map.of());
	}

	static Request delete(Path path) {
		return new Request(HttpMethod.DELETE, path, null, Map.of());
	}

	static Request post(Path path) {
		return new Request(HttpMethod.POST, path, null, Map.of());
	}

	static Request post(Path path, Object body) {
		return json(HttpMethod.POST, path, body);
	}

	/** Of lines that are known. */
	static Request lines(Path path, byte[] lines) {
		return new Request(HttpMethod.POST, path, lines, Map.of(TYPE, MediaType.APPLICATION_NDJSON_VALUE));
	}

	static Request put(Path path, Object body) {
		return json(HttpMethod.PUT, path, body);
	}

	static Request patch(Path path, Object body) {
		return json(HttpMethod.PATCH, path, body);
	}

	private static Request json(HttpMethod method, Path path, Object body) {
		return new Request(method, path, Json.write(body), Map.of(TYPE, MediaType.APPLICATION_JSON_VALUE));
	}

	/**
	 * With one more header, unless it has no value. Errors:
	 * {@link IllegalArgumentException} for a text that no header can have.
	 */
	Request header(String name, @Nullable String value) {
		if (value == null) {
			return this;
		}
		Map<String, String> all = new LinkedHashMap<>(this.headers);
		all.put(name, asBytes(name, value));
		return new Request(this.method, this.path, this.body, all);
	}

	/** The bytes of a text, each as a character: so the connection writes them. */
	private static String asBytes(String header, String text) {
		if (text.isEmpty() || text.chars().anyMatch(Character::isISOControl)) {
			throw new IllegalArgumentException(
					header + " is one character or more, and none of control: '" + text + "'");
		}
		return new String(Path.utf8(text), StandardCharsets.ISO_8859_1);
	}

}
