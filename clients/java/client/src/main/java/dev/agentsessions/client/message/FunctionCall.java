package dev.agentsessions.client.message;

import java.util.Map;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The call of a tool, as a message in the form of OpenAI has it. What other programs
 * stored there that is no text is said in JSON.
 *
 * @param arguments JSON, as far as the model wrote such
 */
public record FunctionCall(@Nullable String id, @Nullable String type, @Nullable String name,
		@Nullable String arguments) {

	private static final JsonMapper json = new JsonMapper();

	static FunctionCall of(Map<?, ?> call) {
		Map<?, ?> function = (call.get("function") instanceof Map<?, ?> fields) ? fields : Map.of();
		return new FunctionCall(text(call.get("id")), text(call.get("type")), text(function.get("name")),
				text(function.get("arguments")));
	}

	private static @Nullable String text(@Nullable Object stored) {
		return (stored == null || stored instanceof String) ? (String) stored : json.writeValueAsString(stored);
	}

}
