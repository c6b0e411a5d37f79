package dev.agentsessions.message;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.problem.InvalidInput;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.web.request.Fields;
import dev.agentsessions.web.request.LimitSettings;
import tools.jackson.databind.JsonNode;

import org.springframework.stereotype.Component;

/**
 * From the JSON of a request to messages that can be stored. What is wrong is recorded in
 * the fields it was read from.
 */
@Component
public final class MessageReader {

	public static final Set<String> ROLES = Set.of("user", "assistant", "system", "tool");

	private static final int MAX_NAME = 255;

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
		return messages;
	}

	/** One message. Errors: 413 if it is too large. */
	public NewMessage read(Fields fields) {
		String role = fields.requiredText("role", Integer.MAX_VALUE);
		if (!role.isEmpty() && !ROLES.contains(role)) {
			fields.wrong("role", "must be user, assistant, system or tool");
		}
		String content = fields.nonEmptyText("content", Integer.MAX_VALUE);
		JsonText toolCalls = fields.array("tool_calls");
		if (content == null && (toolCalls == null || toolCalls.json().equals("[]"))) {
			fields.missing("content");
		}
		NewMessage message = new NewMessage(role, content, fields.text("name", MAX_NAME),
				fields.text("tool_call_id", MAX_NAME), toolCalls, fields.number("token_count", 0, MAX_TOKENS),
				fields.object("metadata"));
		fields.noMore();
		requireSize(message, fields);
		return message;
	}

	private void requireSize(NewMessage message, Fields fields) {
		if (message.size() > this.limit) {
			throw Problems
				.tooLarge("The message" + place(fields.pointer()) + " is larger than " + this.limit + " bytes.")
				.exception();
		}
	}

	private static String place(String pointer) {
		return pointer.isEmpty() ? "" : " at " + pointer;
	}

}
