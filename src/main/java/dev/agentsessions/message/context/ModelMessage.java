package dev.agentsessions.message.context;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.EncodedMessage.PlainText;
import dev.agentsessions.message.MessageReader;
import io.netty.buffer.ByteBufUtil;
import tools.jackson.databind.JsonNode;

/**
 * A message as a model takes it.
 *
 * @param isInstruction whether it is of the system or the developer
 * @param tokens as the caller has counted them, or else guessed
 * @param isGuessed whether they are: a quarter of the bytes of its values, rounded up,
 * and 4
 * @param calls the ids of the tool calls that it makes, as OpenAI
 * (<code>tool_calls</code>) or Anthropic (<code>tool_use</code> parts) have them
 * @param results the ids of the tool calls whose results it has, as OpenAI
 * (<code>tool_call_id</code>) or Anthropic (<code>tool_result</code> parts) have them
 */
record ModelMessage(EncodedMessage message, boolean isInstruction, long tokens, boolean isGuessed, Set<String> calls,
		Set<String> results) {

	private static final Set<String> NOT_FOR_MODELS = Set.of("seq", "id", "role", "timestamp", "token_count",
			"metadata");

	/** What a result answers that names no call: nothing. */
	private static final String NO_CALL = "";

	static ModelMessage of(EncodedMessage message) {
		PlainText text = message.endsWithTime() ? message.plainText() : null;
		if (text != null && !text.role().equals("tool")) {
			return new ModelMessage(message, MessageReader.INSTRUCTIONS.contains(text.role()), guess(text.size()), true,
					Set.of(), Set.of());
		}
		JsonNode json = message.tree();
		Set<String> calls = new LinkedHashSet<>();
		Set<String> results = new LinkedHashSet<>();
		json.path("tool_calls").forEach((call) -> addText(calls, call.path("id")));
		addText(results, json.path("tool_call_id"));
		json.path("content").forEach((part) -> {
			switch (part.path("type").asString("")) {
				case "tool_use" -> addText(calls, part.path("id"));
				case "tool_result" -> addText(results, part.path("tool_use_id"));
				default -> {
					// text, an image: nothing that belongs to a call
				}
			}
		});
		if (results.isEmpty() && json.path("role").asString("").equals("tool")) {
			results.add(NO_CALL);
		}
		boolean isInstruction = MessageReader.INSTRUCTIONS.contains(json.path("role").asString(""));
		JsonNode counted = json.path("token_count");
		return new ModelMessage(message, isInstruction, counted.isNumber() ? counted.longValue() : guess(bytes(json)),
				!counted.isNumber(), calls, results);
	}

	private static long guess(long bytes) {
		return (bytes + 3) / 4 + 4;
	}

	private static void addText(Set<String> ids, JsonNode id) {
		if (id.isString() && !id.stringValue().isEmpty()) {
			ids.add(id.stringValue());
		}
	}

	private static long bytes(JsonNode json) {
		long bytes = 0;
		for (Map.Entry<String, JsonNode> field : json.properties()) {
			if (!NOT_FOR_MODELS.contains(field.getKey())) {
				JsonNode value = field.getValue();
				bytes += ByteBufUtil.utf8Bytes(value.isString() ? value.stringValue() : value.toString());
			}
		}
		return bytes;
	}

	long seq() {
		return this.message.seq();
	}

	int bytes() {
		return this.message.size();
	}

}
