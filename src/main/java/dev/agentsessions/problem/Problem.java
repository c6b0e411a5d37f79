package dev.agentsessions.problem;

import java.util.LinkedHashMap;
import java.util.Map;

import tools.jackson.databind.json.JsonMapper;

import org.springframework.http.HttpHeaders;

/**
 * One kind of trouble as a client sees it (RFC 9457). Immutable; <code>with</code>,
 * <code>after</code> and <code>header</code> answer copies.
 *
 * @param name the stable last part of the type, <code>/problems/&lt;name&gt;</code>
 * @param status the HTTP status
 * @param title what the type means, the same for every occurrence
 * @param detail what went wrong this time, in words for the caller; never SQL, never the
 * content of a message
 * @param members further members of the document, by their JSON name
 * @param headers headers of the answer
 */
public record Problem(String name, int status, String title, String detail, Map<String, Object> members,
		Map<String, String> headers) {

	public static Problem of(int status, String name, String title, String detail) {
		return new Problem(name, status, title, detail, Map.of(), Map.of());
	}

	public Problem with(String member, Object value) {
		return new Problem(this.name, this.status, this.title, this.detail, plus(this.members, member, value),
				this.headers);
	}

	/** The same problem, with something said before its detail. */
	public Problem after(String words) {
		return new Problem(this.name, this.status, this.title, words + this.detail, this.members, this.headers);
	}

	public Problem header(String header, String value) {
		return new Problem(this.name, this.status, this.title, this.detail, this.members,
				plus(this.headers, header, value));
	}

	/**
	 * The same problem, told to come back later.
	 * @param seconds when a retry makes sense
	 */
	public Problem retryAfter(int seconds) {
		return header(HttpHeaders.RETRY_AFTER, Integer.toString(seconds));
	}

	public ProblemException exception() {
		return new ProblemException(this);
	}

	/** The document, for where no {@link ProblemHandler} comes by. */
	public byte[] json(JsonMapper json) {
		return json.writeValueAsBytes(document());
	}

	Map<String, Object> document() {
		Map<String, Object> document = new LinkedHashMap<>();
		document.put("type", "/problems/" + this.name);
		document.put("title", this.title);
		document.put("status", this.status);
		document.put("detail", this.detail);
		document.putAll(this.members);
		return document;
	}

	private static <V> Map<String, V> plus(Map<String, V> map, String key, V value) {
		Map<String, V> copy = new LinkedHashMap<>(map);
		copy.put(key, value);
		return copy;
	}

}
