package dev.agentsessions.client.search;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Which messages are found: those that have all words of {@code q} and pass everything
 * that is given.
 *
 * @param q words in any case, width and accent, {@code "a phrase"}, {@code begin*},
 * {@code -without}, {@code this OR that}
 * @param owner of the session
 * @param labels of the session
 * @param from messages of this time or later
 * @param to messages of this time or earlier
 */
public record SearchQuery(String q, @Nullable String owner, Map<String, String> labels, @Nullable String sessionId,
		@Nullable String role, @Nullable Instant from, @Nullable Instant to) {

	public static SearchQuery of(String q) {
		return new SearchQuery(q, null, Map.of(), null, null, null, null);
	}

	public SearchQuery owner(String owner) {
		return new SearchQuery(this.q, owner, this.labels, this.sessionId, this.role, this.from, this.to);
	}

	public SearchQuery label(String name, String text) {
		Map<String, String> all = new LinkedHashMap<>(this.labels);
		all.put(name, text);
		return new SearchQuery(this.q, this.owner, all, this.sessionId, this.role, this.from, this.to);
	}

	public SearchQuery in(String sessionId) {
		return new SearchQuery(this.q, this.owner, this.labels, sessionId, this.role, this.from, this.to);
	}

	public SearchQuery role(String role) {
		return new SearchQuery(this.q, this.owner, this.labels, this.sessionId, role, this.from, this.to);
	}

	public SearchQuery from(Instant from) {
		return new SearchQuery(this.q, this.owner, this.labels, this.sessionId, this.role, from, this.to);
	}

	public SearchQuery to(Instant to) {
		return new SearchQuery(this.q, this.owner, this.labels, this.sessionId, this.role, this.from, to);
	}

}
