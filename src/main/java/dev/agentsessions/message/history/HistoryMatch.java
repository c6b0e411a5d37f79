package dev.agentsessions.message.history;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.web.json.JsonTree;
import dev.agentsessions.web.json.JsonValues;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Whether a stored message is the one that is sent: equal role, content, name,
 * tool_call_id and tool_calls, and token_count and metadata where they are sent. JSON is
 * compared by value: the order of keys and the way a number is written don't matter.
 */
final class HistoryMatch {

	private HistoryMatch() {
	}

	static boolean matches(EncodedMessage stored, NewMessage sent) {
		if (stored.showsAs(sent) && sent.tokenCount() == null && sent.metadata() == null) {
			return true;
		}
		JsonNode message = JsonTree.stored(new String(stored.json(), StandardCharsets.UTF_8));
		return sent.role().equals(text(message, "role")) && Objects.equals(sent.content(), text(message, "content"))
				&& Objects.equals(sent.name(), text(message, "name"))
				&& Objects.equals(sent.toolCallId(), text(message, "tool_call_id"))
				&& JsonValues.equal(message.get("tool_calls"), sent.toolCalls())
				&& (sent.tokenCount() == null || sent.tokenCount().equals(number(message)))
				&& (sent.metadata() == null || JsonValues.equal(message.get("metadata"), sent.metadata()));
	}

	private static @Nullable String text(JsonNode message, String field) {
		JsonNode value = message.get(field);
		return (value != null) ? value.stringValue() : null;
	}

	private static @Nullable Long number(JsonNode message) {
		JsonNode value = message.get("token_count");
		return (value != null) ? value.longValue() : null;
	}

}
