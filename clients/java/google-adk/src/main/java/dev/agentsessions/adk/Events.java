package dev.agentsessions.adk;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

import com.google.adk.JsonBaseModel;
import com.google.adk.events.Event;
import com.google.adk.sessions.State;
import com.google.genai.types.Content;
import com.google.genai.types.FunctionCall;
import com.google.genai.types.FunctionResponse;
import com.google.genai.types.Part;
import dev.agentsessions.client.message.Message;
import org.jspecify.annotations.Nullable;

/**
 * Events as messages, one each: what every reader understands in the form of OpenAI, and
 * the whole event in a field of its own.
 */
final class Events {

	private static final String FIELD = "adk_event";

	/** What ADK writes for the value of a key that an event removes. */
	private static final String REMOVED = JsonBaseModel.toJsonString(State.REMOVED).replace("\"", "");

	private Events() {
	}

	static Message sent(Event event) {
		Map<String, @Nullable Object> fields = new LinkedHashMap<>();
		List<FunctionResponse> results = event.functionResponses();
		List<FunctionCall> calls = event.functionCalls();
		boolean ofUser = "user".equals(event.author());
		if (event.id() != null && !event.id().isEmpty()) {
			fields.put("id", event.id());
		}
		fields.put("role", !results.isEmpty() ? "tool" : ofUser ? "user" : "assistant");
		if (event.author() != null && !ofUser) {
			fields.put("name", event.author());
		}
		if (results.size() == 1) {
			results.get(0).id().ifPresent((id) -> fields.put("tool_call_id", id));
			fields.put("content", text(results.get(0)));
		}
		else if (!results.isEmpty()) {
			fields.put("content", results.stream().map(Events::sent).toList());
		}
		else {
			text(event).ifPresent((text) -> fields.put("content", text));
		}
		if (!calls.isEmpty()) {
			fields.put("tool_calls", calls.stream().map(Events::sent).toList());
		}
		fields.put(FIELD, Json.plain(event));
		return Message.of(fields);
	}

	private static Map<String, Object> sent(FunctionCall call) {
		return Map.of("id", call.id().orElse(""), "type", "function", "function", Map.of("name", call.name().orElse(""),
				"arguments", JsonBaseModel.toJsonString(call.args().orElse(Map.of()))));
	}

	private static Map<String, Object> sent(FunctionResponse result) {
		return Map.of("type", "tool_result", "tool_use_id", result.id().orElse(""), "content", text(result));
	}

	private static String text(FunctionResponse result) {
		return JsonBaseModel.toJsonString(result.response().orElse(Map.of()));
	}

	private static Optional<String> text(Event event) {
		return event.content()
			.flatMap(Content::parts)
			.map((parts) -> parts.stream().map(Part::text).flatMap(Optional::stream).collect(Collectors.joining()))
			.filter((text) -> !text.isEmpty());
	}

	/** The event that a message is; null if another program wrote it. */
	static @Nullable Event read(Message message) {
		if (!(message.fields().get(FIELD) instanceof Map<?, ?> stored)) {
			return null;
		}
		Event event = Event.fromJson(JsonBaseModel.toJsonString(stored));
		Map<String, Object> delta = event.actions().stateDelta();
		List<String> removed = delta.keySet().stream().filter((key) -> REMOVED.equals(delta.get(key))).toList();
		removed.forEach(event.actions()::removeStateByKey);
		return event;
	}

	/** What an event changes in a state, null where it removes a key. */
	static Map<String, @Nullable Object> delta(@Nullable Event event) {
		Map<String, @Nullable Object> delta = new LinkedHashMap<>();
		if (event != null && event.actions() != null) {
			Objects.requireNonNullElse(event.actions().stateDelta(), Map.<String, Object>of())
				.forEach((key, value) -> delta.put(key, (value == State.REMOVED) ? null : value));
		}
		return delta;
	}

}
