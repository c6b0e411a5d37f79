package dev.agentsessions.message.history;

import java.util.Collection;
import java.util.Objects;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.web.json.JsonTree;
import dev.agentsessions.web.json.JsonValues;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Whether a stored message is the one that is sent: equal role, content, name,
 * tool_call_id and tool_calls, and every other field that is sent. JSON is compared by
 * value: the order of keys and the way a number is written don't matter.
 */
final class HistoryMatch {

	private HistoryMatch() {
	}

	static boolean matches(EncodedMessage stored, NewMessage sent) {
		if (sent.tokenCount() == null && sent.metadata() == null && stored.showsAs(sent)) {
			return true;
		}
		JsonNode message = stored.tree();
		ObjectNode others = others(sent);
		return core(message).equals(core(sent))
				&& JsonValues.canonical(others).equals(values(message, others.propertyNames()));
	}

	/** What two equal messages have in common in any case, as text. */
	static String core(NewMessage message) {
		return String.join("\u0000", message.role(), canonical(message.parts(), given(message.content())),
				given(message.name()), given(message.toolCallId()), canonical(message.toolCalls(), ""));
	}

	static String core(JsonNode stored) {
		JsonNode content = stored.path("content");
		JsonNode calls = stored.path("tool_calls");
		return String.join("\u0000", Objects.requireNonNullElse(text(stored, "role"), ""),
				content.isArray() ? JsonValues.canonical(content) : given(text(stored, "content")),
				given(text(stored, "name")), given(text(stored, "tool_call_id")),
				calls.isMissingNode() ? "" : JsonValues.canonical(calls));
	}

	/** The fields that have to be equal because they are sent. */
	static ObjectNode others(NewMessage sent) {
		ObjectNode others = JsonNodeFactory.instance.objectNode();
		if (sent.extra() != null) {
			others.setAll((ObjectNode) JsonTree.stored(sent.extra().json()));
			// a content that is null is none
			others.remove("content");
		}
		if (sent.id() != null) {
			others.put("id", sent.id());
		}
		if (sent.tokenCount() != null) {
			others.put("token_count", sent.tokenCount());
		}
		if (sent.metadata() != null) {
			others.set("metadata", JsonTree.stored(sent.metadata().json()));
		}
		return others;
	}

	/**
	 * What a stored message has in these fields, as canonical JSON; null if it lacks one.
	 */
	static @Nullable String values(JsonNode stored, Collection<String> names) {
		ObjectNode values = JsonNodeFactory.instance.objectNode();
		for (String name : names) {
			JsonNode value = stored.get(name);
			if (value == null) {
				return null;
			}
			values.set(name, value);
		}
		return JsonValues.canonical(values);
	}

	private static String canonical(@Nullable JsonText json, String absent) {
		return (json != null) ? JsonValues.canonical(json) : absent;
	}

	/** A text that may be empty, which is not the same as none. */
	private static String given(@Nullable String text) {
		return (text != null) ? "=" + text : "";
	}

	private static @Nullable String text(JsonNode message, String field) {
		JsonNode value = message.get(field);
		return (value != null && value.isString()) ? value.stringValue() : null;
	}

}
