package dev.agentsessions.springai;

import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.agentsessions.client.message.FunctionCall;
import dev.agentsessions.client.message.Message;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.messages.AbstractMessage;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.AssistantMessage.ToolCall;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage.ToolResponse;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.content.Media;
import org.springframework.ai.content.MediaContent;

import org.springframework.util.MimeType;

/**
 * Messages of Spring AI as the store has them, in the form of OpenAI, and back. The
 * result of each tool is a message of its own there.
 */
public final class Messages {

	private Messages() {
	}

	/** The same messages, and one for each result of a tool. */
	public static List<Message> sent(List<org.springframework.ai.chat.messages.Message> messages) {
		List<Message> sent = new ArrayList<>();
		for (org.springframework.ai.chat.messages.Message message : messages) {
			if (message instanceof ToolResponseMessage results) {
				results.getResponses().forEach((result) -> sent.add(sent(results, result)));
			}
			else {
				sent.add(sent(message));
			}
		}
		return sent;
	}

	private static Message sent(ToolResponseMessage message, ToolResponse result) {
		return withMetadata(
				Message.tool(orEmpty(result.id()), orEmpty(result.responseData())).with("name", orEmpty(result.name())),
				message);
	}

	private static Message sent(org.springframework.ai.chat.messages.Message message) {
		Map<String, @Nullable Object> fields = new LinkedHashMap<>();
		fields.put("role", message.getMessageType().getValue());
		List<ToolCall> calls = (message instanceof AssistantMessage assistant) ? assistant.getToolCalls() : List.of();
		if (message.getText() != null || calls.isEmpty()) {
			fields.put("content", orEmpty(message.getText()));
		}
		if (!calls.isEmpty()) {
			fields.put("tool_calls", calls.stream().map(Messages::sent).toList());
		}
		if (message instanceof MediaContent content && !content.getMedia().isEmpty()) {
			fields.put("media", content.getMedia().stream().map(Messages::sent).toList());
		}
		return withMetadata(Message.of(fields), message);
	}

	private static Map<String, Object> sent(ToolCall call) {
		return Map.of("id", orEmpty(call.id()), "type", orEmpty(call.type()), "function",
				Map.of("name", orEmpty(call.name()), "arguments", orEmpty(call.arguments())));
	}

	private static String orEmpty(@Nullable String text) {
		return Objects.requireNonNullElse(text, "");
	}

	private static Map<String, Object> sent(Media media) {
		Map<String, Object> fields = new LinkedHashMap<>();
		fields.put("mime_type", media.getMimeType().toString());
		if (media.getId() != null) {
			fields.put("id", media.getId());
		}
		fields.put("name", media.getName());
		if (media.getData() instanceof byte[] bytes) {
			fields.put("data", Base64.getEncoder().encodeToString(bytes));
		}
		else {
			fields.put("url", media.getData().toString());
		}
		return fields;
	}

	private static Message withMetadata(Message sent, org.springframework.ai.chat.messages.Message message) {
		Map<String, Object> metadata = new LinkedHashMap<>();
		message.getMetadata().forEach((name, value) -> {
			Object plain = plain(value);
			if (plain != null && !name.equals(AbstractMessage.MESSAGE_TYPE)) {
				metadata.put(name, plain);
			}
		});
		return metadata.isEmpty() ? sent : sent.withMetadata(metadata);
	}

	/** What JSON can say of a value; null if it can't, or if it is nothing. */
	private static @Nullable Object plain(@Nullable Object value) {
		if (value instanceof Map<?, ?> map) {
			Map<String, Object> plain = new LinkedHashMap<>();
			map.forEach((name, each) -> {
				Object said = plain(each);
				if (said != null) {
					plain.put(String.valueOf(name), said);
				}
			});
			return plain;
		}
		if (value instanceof Collection<?> all) {
			return all.stream().map(Messages::plain).filter(Objects::nonNull).toList();
		}
		if (value instanceof Double || value instanceof Float) {
			return Double.isFinite(((Number) value).doubleValue()) ? value : null;
		}
		if (value instanceof Enum<?> constant) {
			return constant.name();
		}
		return (value instanceof String || value instanceof Boolean || value instanceof Number) ? value : null;
	}

	/** Results of tools that follow each other become one message. */
	public static List<org.springframework.ai.chat.messages.Message> read(List<Message> stored) {
		List<org.springframework.ai.chat.messages.Message> messages = new ArrayList<>();
		for (int at = 0; at < stored.size(); at++) {
			Message message = stored.get(at);
			switch (Objects.requireNonNullElse(message.role(), "")) {
				case "user" -> messages.add(UserMessage.builder()
					.text(message.text())
					.media(media(message))
					.metadata(metadata(message))
					.build());
				case "assistant", "model" -> messages.add(assistant(message));
				case "system", "developer" ->
					messages.add(SystemMessage.builder().text(message.text()).metadata(metadata(message)).build());
				case "tool", "function" -> {
					int end = at + 1;
					while (end < stored.size() && Objects.equals(stored.get(end).role(), message.role())) {
						end++;
					}
					messages.add(results(stored.subList(at, end)));
					at = end - 1;
				}
				default -> { // an item of another program that Spring AI has no word for
				}
			}
		}
		return messages;
	}

	private static AssistantMessage assistant(Message message) {
		return AssistantMessage.builder()
			.content((message.content() != null) ? message.text() : null)
			.toolCalls(message.functionCalls().stream().map(Messages::read).toList())
			.media(media(message))
			.properties(metadata(message))
			.build();
	}

	private static ToolCall read(FunctionCall call) {
		return new ToolCall(orEmpty(call.id()), orEmpty(call.type()), orEmpty(call.name()), orEmpty(call.arguments()));
	}

	private static ToolResponseMessage results(List<Message> results) {
		return ToolResponseMessage.builder()
			.responses(results.stream()
				.map((result) -> new ToolResponse(Objects.requireNonNullElse(result.toolCallId(), ""),
						Objects.requireNonNullElse(result.name(), ""), result.text()))
				.toList())
			.metadata(metadata(results.get(0)))
			.build();
	}

	private static List<Media> media(Message message) {
		if (!(message.fields().get("media") instanceof List<?> all)) {
			return List.of();
		}
		return all.stream().filter(Map.class::isInstance).map((media) -> media((Map<?, ?>) media)).toList();
	}

	private static Media media(Map<?, ?> stored) {
		Media.Builder media = Media.builder()
			.mimeType(MimeType.valueOf(text(stored, "mime_type")))
			.name(text(stored, "name"));
		if (stored.containsKey("id")) {
			media.id(text(stored, "id"));
		}
		return (stored.containsKey("data") ? media.data(Base64.getDecoder().decode(text(stored, "data")))
				: media.data(text(stored, "url")))
			.build();
	}

	private static Map<String, Object> metadata(Message message) {
		Map<String, Object> metadata = new LinkedHashMap<>();
		message.metadata().forEach((name, value) -> {
			if (value != null) {
				metadata.put(name, value);
			}
		});
		metadata.remove(AbstractMessage.MESSAGE_TYPE);
		return metadata;
	}

	private static String text(Map<?, ?> fields, String name) {
		return (fields.get(name) instanceof String text) ? text : "";
	}

}
