package dev.agentsessions.client.message;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * A message as the APIs of models have it: an open JSON object. The fields that the store
 * knows have accessors; any other is kept, and comes back where it stood.
 * <p>
 * Values are what JSON has: text, {@code Boolean}, {@code Integer}, {@code Long},
 * {@code BigInteger}, {@code BigDecimal}, {@code List}, {@code Map}, and null.
 *
 * @param fields all of them, in their order; not to be changed
 */
public record Message(@JsonValue Map<String, @Nullable Object> fields) {

	@JsonCreator(mode = JsonCreator.Mode.DELEGATING)
	public Message(Map<String, @Nullable Object> fields) {
		this.fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
	}

	/** A message with these fields. */
	public static Message of(Map<String, ? extends @Nullable Object> fields) {
		return new Message(new LinkedHashMap<>(fields));
	}

	/** A message of this role. */
	public static Message of(String role, String content) {
		Map<String, @Nullable Object> fields = new LinkedHashMap<>();
		fields.put("role", role);
		fields.put("content", content);
		return new Message(fields);
	}

	public static Message user(String content) {
		return of("user", content);
	}

	public static Message assistant(String content) {
		return of("assistant", content);
	}

	public static Message system(String content) {
		return of("system", content);
	}

	/** The result of a tool call. */
	public static Message tool(String toolCallId, String content) {
		return of("tool", content).with("tool_call_id", toolCallId);
	}

	/** This message with one more field, or another value of it. */
	public Message with(String name, @Nullable Object value) {
		Map<String, @Nullable Object> changed = new LinkedHashMap<>(this.fields);
		changed.put(name, value);
		return new Message(changed);
	}

	/**
	 * This message with an id of the caller's own, 1 to 255 characters, unique in its
	 * session.
	 */
	public Message withId(String id) {
		return with("id", id);
	}

	public Message withToolCalls(List<?> toolCalls) {
		return with("tool_calls", toolCalls);
	}

	public Message withTokenCount(long tokenCount) {
		// as it is read, so that a message equals itself when it comes back
		return with("token_count", (tokenCount <= Integer.MAX_VALUE) ? (Number) (int) tokenCount : tokenCount);
	}

	public Message withMetadata(Map<String, ?> metadata) {
		return with("metadata", metadata);
	}

	/**
	 * This message without what the store gave it: {@code seq}, {@code timestamp},
	 * {@code session_id}. So it is sent; a message that was read from one session can be
	 * appended to another one.
	 */
	public Message unstored() {
		Map<String, @Nullable Object> own = new LinkedHashMap<>(this.fields);
		own.keySet().removeAll(List.of("seq", "timestamp", "session_id"));
		return (own.size() == this.fields.size()) ? this : new Message(own);
	}

	/** Its number in its session; null if it was not read from one, or not with it. */
	public @Nullable Long seq() {
		return number("seq");
	}

	public @Nullable String id() {
		return string("id");
	}

	/** Null in items that have a {@code type} instead. */
	public @Nullable String role() {
		return string("role");
	}

	/** Text, a list of parts, or null. */
	public @Nullable Object content() {
		return this.fields.get("content");
	}

	/**
	 * The text of the content: all of it, or that of its parts, one after the other;
	 * empty if there is none.
	 */
	public String text() {
		Object content = content();
		if (content instanceof List<?> parts) {
			return parts.stream()
				.map((part) -> (part instanceof Map<?, ?> fields) ? fields.get("text") : part)
				.filter(String.class::isInstance)
				.map(String.class::cast)
				.collect(Collectors.joining());
		}
		return (content instanceof String text) ? text : "";
	}

	/** When it was committed, by the store's clock. */
	public @Nullable Instant timestamp() {
		String time = string("timestamp");
		return (time != null) ? Instant.parse(time) : null;
	}

	public @Nullable String name() {
		return string("name");
	}

	public @Nullable String toolCallId() {
		return string("tool_call_id");
	}

	/** Empty if there are none. */
	public List<?> toolCalls() {
		return (this.fields.get("tool_calls") instanceof List<?> calls) ? calls : List.of();
	}

	/** The tool calls that are objects, read as calls of functions. */
	public List<FunctionCall> functionCalls() {
		return toolCalls().stream()
			.filter(Map.class::isInstance)
			.map((call) -> FunctionCall.of((Map<?, ?>) call))
			.toList();
	}

	public @Nullable Long tokenCount() {
		return number("token_count");
	}

	/** Empty if there is none. */
	@SuppressWarnings("unchecked") // the names of a JSON object are text
	public Map<String, @Nullable Object> metadata() {
		return (this.fields.get("metadata") instanceof Map<?, ?> metadata) ? (Map<String, @Nullable Object>) metadata
				: Map.of();
	}

	private @Nullable String string(String name) {
		return (this.fields.get(name) instanceof String text) ? text : null;
	}

	private @Nullable Long number(String name) {
		return (this.fields.get(name) instanceof Number number) ? number.longValue() : null;
	}

}
