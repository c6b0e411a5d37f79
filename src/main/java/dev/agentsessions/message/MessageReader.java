package dev.agentsessions.message;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.problem.InvalidInput;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.web.request.Fields;
import dev.agentsessions.web.request.LimitSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import org.springframework.stereotype.Component;

/**
 * From the JSON of a request to messages that can be stored. What is wrong is recorded in
 * the fields it was read from.
 */
@Component
public final class MessageReader {

	public static final Set<String> ROLES = Set.of("user", "assistant", "system", "tool", "developer", "function",
			"model");

	/** The same for those who have to be told. */
	public static final String NO_ROLE = "must be user, assistant, system, tool, developer, function or model";

	/** The roles of those who tell a model what to do. */
	public static final List<String> INSTRUCTIONS = List.of("system", "developer");

	/** Characters of an id, a name and a tool call's id. */
	public static final int MAX_NAME = 255;

	/** Fields that the store does not know. */
	private static final int MAX_OTHERS = 64;

	private static final int MAX_DEPTH = 64;

	/** Of what the store knows: whatever body it comes back in has some levels more. */
	private static final int MAX_KNOWN_DEPTH = 190;

	/** What the store itself says of a message. */
	private static final Set<String> RESERVED = Set.of("seq", "timestamp", "session_id");

	/** Far above any message, and far below where a sum over a log would overflow. */
	private static final long MAX_TOKENS = 1_000_000_000_000L;

	private final long limit;

	public MessageReader(LimitSettings limits) {
		this.limit = limits.message().toBytes();
	}

	/** The messages of an array that is the body, at least one. Errors: 400, 413. */
	public List<NewMessage> readAll(JsonNode array, int most) {
		if (array.isEmpty() || array.size() > most) {
			throw Problems.invalid(InvalidInput.body("", "must have 1 to " + most + " messages"));
		}
		List<Fields> each = Fields.ofArray(array);
		List<NewMessage> messages = readAll(each);
		each.get(0).requireNoErrors();
		return messages;
	}

	/**
	 * All of them, or as many as it takes to see that the body is hopeless. Errors: 413
	 * if one is too large.
	 */
	public List<NewMessage> readAll(List<Fields> each) {
		List<NewMessage> messages = new ArrayList<>(each.size());
		for (int i = 0; i < each.size() && !each.get(i).hopeless(); i++) {
			messages.add(read(each.get(i)));
		}
		Set<String> ids = new HashSet<>();
		for (int i = 0; i < messages.size(); i++) {
			String id = messages.get(i).id();
			if (id != null && !ids.add(id)) {
				each.get(i).wrong("id", "is the id of another message before it");
			}
		}
		return messages;
	}

	/** One message. Errors: 413 if it is too large. */
	public NewMessage read(Fields fields) {
		String id = fields.nonEmptyText("id", MAX_NAME);
		String role = fields.nonEmptyText("role", Integer.MAX_VALUE);
		if (role != null && !role.isEmpty() && !ROLES.contains(role)) {
			fields.wrong("role", NO_ROLE);
		}
		boolean inParts = fields.node("content") instanceof ArrayNode;
		List.of("content", "tool_calls", "metadata").forEach((name) -> requireDepth(fields, name));
		JsonText parts = inParts ? fields.objects("content") : null;
		String content = inParts ? null
				: fields.text("content", Integer.MAX_VALUE, "must be a string or an array of objects");
		JsonText toolCalls = fields.array("tool_calls");
		NewMessage known = new NewMessage(id, (role != null) ? role : "", content, parts, fields.text("name", MAX_NAME),
				fields.text("tool_call_id", MAX_NAME), toolCalls, fields.number("token_count", 0, MAX_TOKENS),
				fields.object("metadata"), null);
		NewMessage message = withOthers(known, fields);
		requireSize(message, fields);
		return message;
	}

	/**
	 * Adds the fields that the store does not know. Beside them a null as the content is
	 * kept as one of them, for it is what a model's API said; but tool calls stand
	 * without a content in any case.
	 */
	private static NewMessage withOthers(NewMessage message, Fields fields) {
		ObjectNode others = fields.others();
		boolean isItem = others.path("type").isString();
		if (message.role().isEmpty() && !isItem) {
			fields.missing("role");
		}
		JsonText toolCalls = message.toolCalls();
		boolean hasContent = message.content() != null || message.parts() != null
				|| (toolCalls != null && !toolCalls.json().equals("[]"))
				|| others.valueStream().anyMatch((value) -> !value.isNull());
		if (!hasContent) {
			fields.missing("content");
		}
		if (others.size() > MAX_OTHERS) {
			fields.wrong(null, "has more than " + MAX_OTHERS + " fields that are no fields of every message");
		}
		for (Map.Entry<String, JsonNode> other : others.properties()) {
			if (RESERVED.contains(other.getKey()) || other.getKey().startsWith("_")) {
				fields.wrong(other.getKey(), "is not a field that can be given");
			}
			else if (!isWithin(other.getValue(), MAX_DEPTH)) {
				fields.wrong(other.getKey(), "is nested deeper than " + MAX_DEPTH + " levels");
			}
		}
		if (others.isEmpty()) {
			return message;
		}
		if (toolCalls == null && fields.isNull("content")) {
			others.putNull("content");
		}
		return message.withExtra(new JsonText(others.toString()));
	}

	private static void requireDepth(Fields fields, String name) {
		JsonNode value = fields.node(name);
		if (value != null && !isWithin(value, MAX_KNOWN_DEPTH)) {
			fields.wrong(name, "is nested deeper than " + MAX_KNOWN_DEPTH + " levels");
		}
	}

	private static boolean isWithin(JsonNode value, int depth) {
		return !value.isContainer()
				|| (depth > 0 && value.valueStream().allMatch((inner) -> isWithin(inner, depth - 1)));
	}

	private void requireSize(NewMessage message, Fields fields) {
		if (message.size() > this.limit) {
			throw Problems
				.tooLarge(InvalidInput.body(fields.pointer(), "The message is larger than " + this.limit + " bytes"));
		}
	}

}
