package dev.agentsessions.search.text;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.web.json.JsonTree;
import dev.agentsessions.web.json.Times;
import dev.agentsessions.problem.ProblemException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/**
 * What of a message is searched: its content, the text of its parts, its name, and the
 * names and arguments of tools that it calls.
 *
 * @param role null if it has none
 * @param texts none of them empty; no phrase reaches from one into another
 */
public record MessageText(@Nullable String role, Instant timestamp, List<String> texts) {

	private static final String JSON = "application/json";

	private static final List<String> ARGUMENTS = List.of("arguments", "input", "args");

	public static MessageText of(EncodedMessage message) {
		JsonNode json = message.tree();
		List<String> texts = new ArrayList<>();
		JsonNode content = json.path("content");
		// parts that the older service kept as text
		boolean isJson = content.isString() && json.path("metadata").path("content_type").asString("").equals(JSON);
		addContent(texts, isJson ? parsed(content.stringValue()) : content);
		// what a tool has answered, to OpenAI's other interface
		addContent(texts, json.path("output"));
		// where an AI SDK and Gemini have it
		addContent(texts, json.path("parts"));
		json.path("tool_calls").forEach((call) -> {
			addCall(texts, call);
			addCall(texts, call.path("function"));
		});
		addCall(texts, json.path("function_call"));
		addCall(texts, json);
		return new MessageText(json.path("role").asStringOpt().orElse(null),
				Times.parse(json.path("timestamp").stringValue()).orElseThrow(), texts);
	}

	private static void addContent(List<String> texts, JsonNode content) {
		add(texts, content);
		if (content.isArray()) {
			content.forEach((part) -> addPart(texts, part));
		}
		else if (content.isObject()) {
			addLines(texts, content);
		}
	}

	private static void addPart(List<String> texts, JsonNode part) {
		add(texts, part.path("text"));
		// the result of a tool
		addContent(texts, part.path("content"));
		addCall(texts, part);
		addCall(texts, part.path("functionCall"));
		addLines(texts, part.path("functionResponse").path("response"));
	}

	/** Of a tool; its arguments have a different name with each model. */
	private static void addCall(List<String> texts, JsonNode call) {
		add(texts, call.path("name"));
		for (String arguments : ARGUMENTS) {
			addArguments(texts, call.path(arguments));
		}
	}

	/** Arguments are an object, or one as text. */
	private static void addArguments(List<String> texts, JsonNode arguments) {
		addLines(texts, arguments.isString() ? parsed(arguments.stringValue()) : arguments);
	}

	private static void addLines(List<String> texts, JsonNode values) {
		StringBuilder lines = new StringBuilder();
		addLines(lines, values);
		if (!lines.isEmpty()) {
			texts.add(lines.toString());
		}
	}

	private static JsonNode parsed(String text) {
		try {
			return JsonTree.parse(text.getBytes(StandardCharsets.UTF_8));
		}
		catch (ProblemException ex) {
			// no JSON: it is searched as it is
			return StringNode.valueOf(text);
		}
	}

	private static void addLines(StringBuilder lines, JsonNode values) {
		if (values.isObject()) {
			for (Map.Entry<String, JsonNode> member : values.properties()) {
				lines.append(lines.isEmpty() ? "" : "\n").append(member.getKey()).append(": ");
				addLines(lines, member.getValue());
			}
		}
		else if (values.isArray()) {
			for (int i = 0; i < values.size(); i++) {
				lines.append((i > 0) ? " " : "");
				addLines(lines, values.get(i));
			}
		}
		else if (values.isValueNode() && !values.isNull()) {
			lines.append(values.asString());
		}
	}

	private static void add(List<String> texts, JsonNode text) {
		if (text.isString() && !text.stringValue().isEmpty()) {
			texts.add(text.stringValue());
		}
	}

}
