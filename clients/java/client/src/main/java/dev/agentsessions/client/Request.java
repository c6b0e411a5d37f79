package dev.agentsessions.client;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpMethod;

/**
 * What is asked of the store.
 *
 * @param json the body; null for none
 */
record Request(HttpMethod method, Path path, byte @Nullable [] json, Map<String, String> headers) {

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
		return new Request(HttpMethod.POST, path, Json.write(body), Map.of());
	}

	static Request put(Path path, Object body) {
		return new Request(HttpMethod.PUT, path, Json.write(body), Map.of());
	}

	static Request patch(Path path, Object body) {
		return new Request(HttpMethod.PATCH, path, Json.write(body), Map.of());
	}

	/** With one more header, unless it has no value. */
	Request header(String name, @Nullable String value) {
		if (value == null) {
			return this;
		}
		Map<String, String> all = new LinkedHashMap<>(this.headers);
		all.put(name, value);
		return new Request(this.method, this.path, this.json, all);
	}

}
