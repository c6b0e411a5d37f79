package dev.agentsessions.langchain4j;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

import dev.agentsessions.client.message.FunctionCall;
import dev.agentsessions.client.message.Message;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ChatMessageDeserializer;
import dev.langchain4j.data.message.ChatMessageSerializer;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Messages of LangChain4j as the store has them, in the form of OpenAI, and back. One
 * that has more to say than that form can (pictures, thoughts, attributes) has all of it
 * in a field of its own as well.
 */
final class Messages {

	private static final String WHOLE = "langchain4j";

	private static final JsonMapper json = JsonMapper.builder()
		.enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
		.build();

	private Messages() {
	}

	static Message sent(ChatMessage message) {
		Message plain = plain(message);
		return message.equals(readPlain(plain)) ? plain
				: plain.with(WHOLE, json.readValue(ChatMessageSerializer.messageToJson(message), Map.class));
	}

	private static Message plain(ChatMessage message) {
		if (message instanceof SystemMessage system) {
			return Message.system(system.text());
		}
		if (message instanceof UserMessage user) {
			Message plain = Message.user(text(user.contents()));
			return (user.name() != null) ? plain.with("name", user.name()) : plain;
		}
		if (message instanceof AiMessage ai) {
			return plain(ai);
		}
		if (message instanceof ToolExecutionResultMessage result) {
			Message plain = Message.of("tool", text(result.contents()));
			plain = (result.id() != null) ? plain.with("tool_call_id", result.id()) : plain;
			return (result.toolName() != null) ? plain.with("name", result.toolName()) : plain;
		}
		return Message.of(Map.of("type", "custom"));
	}

	private static Message plain(AiMessage ai) {
		Map<String, @Nullable Object> fields = new LinkedHashMap<>();
		fields.put("role", "assistant");
		if (ai.text() != null || !ai.hasToolExecutionRequests()) {
			fields.put("content", Objects.requireNonNullElse(ai.text(), ""));
		}
		if (ai.hasToolExecutionRequests()) {
			fields.put("tool_calls", ai.toolExecutionRequests().stream().map(Messages::call).toList());
		}
		return Message.of(fields);
	}

	private static Map<String, Object> call(ToolExecutionRequest request) {
		Map<String, Object> call = new LinkedHashMap<>();
		if (request.id() != null) {
			call.put("id", request.id());
		}
		call.put("type", "function");
		call.put("function",
				Map.of("name", request.name(), "arguments", Objects.requireNonNullElse(request.arguments(), "")));
		return call;
	}

	private static String text(List<Content> contents) {
		return contents.stream()
			.filter(TextContent.class::isInstance)
			.map((content) -> ((TextContent) content).text())
			.collect(Collectors.joining("\n"));
	}

	static List<ChatMessage> read(List<Message> stored) {
		List<ChatMessage> messages = new ArrayList<>();
		for (Message message : stored) {
			ChatMessage read = read(message);
			if (read != null) {
				messages.add(read);
			}
		}
		return messages;
	}

	private static @Nullable ChatMessage read(Message message) {
		Object whole = message.fields().get(WHOLE);
		return (whole != null) ? ChatMessageDeserializer.messageFromJson(json.writeValueAsString(whole))
				: readPlain(message);
	}

	/** Null if it is an item of another program that LangChain4j has no word for. */
	private static @Nullable ChatMessage readPlain(Message message) {
		return switch (Objects.requireNonNullElse(message.role(), "")) {
			case "system", "developer" -> message.text().isBlank() ? null : SystemMessage.from(message.text());
			case "user" -> (message.name() != null) ? UserMessage.from(message.name(), message.text())
					: UserMessage.from(message.text());
			case "assistant",
					"model" ->
				AiMessage.builder()
					.text((message.content() != null) ? message.text() : null)
					.toolExecutionRequests(message.functionCalls().stream().map(Messages::request).toList())
					.build();
			case "tool", "function" ->
				ToolExecutionResultMessage.from(message.toolCallId(), message.name(), message.text());
			default -> null;
		};
	}

	private static ToolExecutionRequest request(FunctionCall call) {
		return ToolExecutionRequest.builder().id(call.id()).name(call.name()).arguments(call.arguments()).build();
	}

}
