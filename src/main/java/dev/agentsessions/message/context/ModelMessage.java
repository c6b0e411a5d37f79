package dev.agentsessions.message.context;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.web.json.JsonTree;
import io.netty.buffer.ByteBufUtil;
import tools.jackson.databind.JsonNode;

/**
 * A message as a model takes it.
 *
 * @param tokens as the caller has counted them, or else guessed
 * @param isGuessed whether they are: a quarter of the bytes of its values, rounded up,
 * and 4
 * @param calls the ids of the tool calls that it makes, as OpenAI
 * (<code>tool_calls</code>) or Anthropic (<code>tool_use</code> parts) have them
 * @param results the ids of the tool calls whose results it has, as OpenAI
 * (<code>tool_call_id</code>) or Anthropic (<code>tool_result</code> parts) have them
 */
record ModelMessage(EncodedMessage message, long tokens, boolean isGuessed, Set<String> calls, Set<String> results) {

	private static final Set<String> NOT_FOR_MODELS = Set.of("seq", "id", "role", "timestamp", "token_count",
			"metadata");

	static ModelMessage of(EncodedMessage message) {
		int size = message.endsWithTime() ? message.plainTextSize() : -1;
		if (size >= 0) {
			return new ModelMessage(message, guess(size), true, Set.of(), Set.of());
		}
		JsonNode json = JsonTree.stored(new String(message.json(), StandardCharsets.UTF_8));
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
		JsonNode counted = json.path("token_count");
		return counted.isNumber() ? new ModelMessage(message, counted.longValue(), false, calls, results)
				: new ModelMessage(message, guess(bytes(json)), true, calls, results);
	}

	private static long guess(long bytes) {
		return (bytes + 3) / 4 + 4;
	}

	private static void addText(Set<String> ids, JsonNode id) {
		if (id.isString()) {
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

}
