package dev.agentsessions.message.history;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.web.json.JsonTree;
import dev.agentsessions.web.json.JsonValues;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

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
		JsonNode message = tree(stored);
		return sent.role().equals(Objects.requireNonNullElse(text(message, "role"), "")) && sameContent(message, sent)
				&& (sent.id() == null || sent.id().equals(text(message, "id")))
				&& Objects.equals(sent.name(), text(message, "name"))
				&& Objects.equals(sent.toolCallId(), text(message, "tool_call_id"))
				&& JsonValues.equal(message.get("tool_calls"), sent.toolCalls())
				&& (sent.tokenCount() == null || sent.tokenCount().equals(number(message)))
				&& (sent.metadata() == null || JsonValues.equal(message.get("metadata"), sent.metadata()))
				&& sameOthers(message, sent.extra());
	}

	/** What two equal messages have in common in any case, as text. */
	static String core(NewMessage message) {
		return String.join("\u0000", message.role(), canonical(message.parts(), "text " + message.content()),
				"name " + message.name(), "id " + message.toolCallId(), canonical(message.toolCalls(), ""));
	}

	static String core(EncodedMessage stored) {
		JsonNode message = tree(stored);
		JsonNode content = message.path("content");
		JsonNode calls = message.path("tool_calls");
		return String.join("\u0000", Objects.requireNonNullElse(text(message, "role"), ""),
				content.isArray() ? JsonValues.canonical(content) : "text " + text(message, "content"),
				"name " + text(message, "name"), "id " + text(message, "tool_call_id"),
				calls.isMissingNode() ? "" : JsonValues.canonical(calls));
	}

	private static String canonical(@Nullable JsonText json, String absent) {
		return (json != null) ? JsonValues.canonical(json) : absent;
	}

	private static JsonNode tree(EncodedMessage stored) {
		return JsonTree.stored(new String(stored.json(), StandardCharsets.UTF_8));
	}

	private static boolean sameContent(JsonNode message, NewMessage sent) {
		JsonNode content = message.get("content");
		return (sent.parts() != null) ? JsonValues.equal(content, sent.parts())
				: Objects.equals(sent.content(), text(message, "content")) && !(content instanceof ArrayNode);
	}

	private static boolean sameOthers(JsonNode message, @Nullable JsonText sent) {
		return sent == null || JsonTree.stored(sent.json()).properties().stream().allMatch((other) -> {
			JsonNode stored = message.get(other.getKey());
			// a content that is null is none
			return other.getKey().equals("content") || (stored != null && JsonValues.equal(stored, other.getValue()));
		});
	}

	private static @Nullable String text(JsonNode message, String field) {
		JsonNode value = message.get(field);
		return (value != null && value.isString()) ? value.stringValue() : null;
	}

	private static @Nullable Long number(JsonNode message) {
		JsonNode value = message.get("token_count");
		return (value != null) ? value.longValue() : null;
	}

}
