package dev.agentsessions.client;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

import org.springframework.http.HttpHeaders;

/**
 * A success.
 */
record Answer(HttpHeaders headers, byte[] body) {

	<T> T as(Class<T> type) {
		try {
			return Json.read(this.body, type);
		}
		catch (JacksonException ex) {
			throw notTheStores(ex);
		}
	}

	static StoreException notTheStores(@Nullable Throwable cause) {
		return new StoreException("The answer is not the store's: is that its address?", cause);
	}

	/** With {@code replayed}, which is said in a header. */
	<T> T asReplayable(Class<T> type) {
		Map<?, ?> said = as(Map.class);
		Map<Object, Object> all = new LinkedHashMap<>(said);
		all.put("replayed", this.headers.containsHeader("Idempotency-Replayed"));
		return Json.convert(all, type);
	}

}
