package dev.agentsessions.client;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonCreator;
import org.jspecify.annotations.Nullable;

/**
 * What the store says of a request that it refuses (RFC 9457).
 *
 * @param members the whole document, with what else it says: {@code last_seq},
 * {@code current_agent}, {@code known}, {@code offset}, {@code errors}
 */
public record Problem(Map<String, @Nullable Object> members) {

	@JsonCreator(mode = JsonCreator.Mode.DELEGATING)
	public Problem(Map<String, @Nullable Object> members) {
		this.members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
	}

	/**
	 * The stable name, such as {@code session-not-found}: the last part of the type.
	 * Empty if the answer was not the store's, but that of a proxy, say.
	 */
	public String name() {
		return (this.members.get("type") instanceof String type) ? type.substring(type.lastIndexOf('/') + 1) : "";
	}

	/** What happened, in words for people. */
	public @Nullable String detail() {
		return (this.members.get("detail") instanceof String detail) ? detail : null;
	}

	/** A member that is a number. */
	public @Nullable Long number(String name) {
		return (this.members.get(name) instanceof Number number) ? number.longValue() : null;
	}

}
