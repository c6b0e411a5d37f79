package dev.agentsessions.client.session;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * What changes of a session: what is named here, and null removes it. Labels change by
 * name, metadata as a whole.
 *
 * @param changes by the names of the fields
 */
public record SessionUpdate(@JsonValue Map<String, @Nullable Object> changes) {

	public static final SessionUpdate NONE = new SessionUpdate(Map.of());

	public SessionUpdate owner(@Nullable String owner) {
		return and("owner", owner);
	}

	public SessionUpdate title(@Nullable String title) {
		return and("title", title);
	}

	/** One label; others stay. */
	public SessionUpdate label(String name, @Nullable String text) {
		Map<Object, @Nullable Object> labels = new LinkedHashMap<>();
		if (this.changes.get("labels") instanceof Map<?, ?> others) {
			labels.putAll(others);
		}
		labels.put(name, text);
		return and("labels", labels);
	}

	public SessionUpdate noLabels() {
		return and("labels", null);
	}

	public SessionUpdate expiresAt(@Nullable Instant expiresAt) {
		return and("expires_at", expiresAt);
	}

	public SessionUpdate metadata(@Nullable Map<String, ?> metadata) {
		return and("metadata", metadata);
	}

	private SessionUpdate and(String name, @Nullable Object value) {
		Map<String, @Nullable Object> all = new LinkedHashMap<>(this.changes);
		all.put(name, value);
		return new SessionUpdate(Collections.unmodifiableMap(all));
	}

}
