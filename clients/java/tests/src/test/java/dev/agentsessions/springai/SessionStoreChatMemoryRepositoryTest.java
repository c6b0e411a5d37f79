package dev.agentsessions.springai;

import java.net.URI;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import dev.agentsessions.client.Service;
import dev.agentsessions.client.SessionStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.memory.ChatMemoryRepository;
import org.springframework.ai.chat.memory.MessageWindowChatMemory;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.AssistantMessage.ToolCall;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage.ToolResponse;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.content.Media;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.util.MimeTypeUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SessionStoreChatMemoryRepositoryTest {

	private final SessionStore store = SessionStore.of(Service.url());

	private final ChatMemoryRepository repository = new SessionStoreChatMemoryRepository(this.store);

	private final String id = "conversation-" + UUID.randomUUID();

	private final List<Message> conversation = List.of(new SystemMessage("Be brief"),
			new UserMessage("How warm is it?"),
			AssistantMessage.builder()
				.content("Let me look")
				.toolCalls(List.of(new ToolCall("call_1", "function", "weather", "{\"in\":\"東京\"}"),
						new ToolCall("call_2", "function", "clock", "{}")))
				.properties(Map.of("finishReason", "TOOL_CALLS", "index", 0, "odd", new Object()))
				.build(),
			ToolResponseMessage.builder()
				.responses(List.of(new ToolResponse("call_1", "weather", "31 °C"),
						new ToolResponse("call_2", "clock", "")))
				.build(),
			new AssistantMessage("Warm 😀"));

	@AfterEach
	void close() {
		this.store.close();
	}

	@Test
	void aConversationComesBackAsItWas() {
		assertThat(this.repository.findByConversationId(this.id)).isEmpty();
		this.repository.saveAll(this.id, this.conversation);
		List<Message> found = this.repository.findByConversationId(this.id);
		assertThat(found).hasSize(5);
		assertThat(List.of(found.get(0), found.get(1), found.get(3), found.get(4)))
			.isEqualTo(List.of(this.conversation.get(0), this.conversation.get(1), this.conversation.get(3),
					this.conversation.get(4)));
		AssistantMessage calls = (AssistantMessage) found.get(2);
		assertThat(calls.getText()).isEqualTo("Let me look");
		assertThat(calls.getToolCalls()).isEqualTo(((AssistantMessage) this.conversation.get(2)).getToolCalls());
		assertThat(calls.getMetadata()).containsEntry("finishReason", "TOOL_CALLS")
			.containsEntry("index", 0)
			.doesNotContainKey("odd");
		assertThat(this.repository.findConversationIds()).contains(this.id);
	}

	@Test
	void whatIsSavedAgainIsNotWrittenAgain() {
		this.repository.saveAll(this.id, this.conversation);
		this.repository.saveAll(this.id, this.repository.findByConversationId(this.id));
		// two results
		assertThat(this.store.session(this.id).get().block().lastSeq()).isEqualTo(6);
	}

	@Test
	void aCallWithoutTextStaysOne() {
		AssistantMessage call = AssistantMessage.builder()
			.toolCalls(List.of(new ToolCall("call_1", "function", "clock", "{}")))
			.build();
		this.repository.saveAll(this.id, List.of(new UserMessage("What time is it?"), call));
		assertThat(this.repository.findByConversationId(this.id).get(1)).isEqualTo(call);
	}

	@Test
	void aCallToWhichItsModelGaveNoIdIsKept() {
		List<Message> messages = List.of(
				AssistantMessage.builder().toolCalls(List.of(new ToolCall(null, "function", "clock", null))).build(),
				ToolResponseMessage.builder().responses(List.of(new ToolResponse(null, "clock", "noon"))).build());
		this.repository.saveAll(this.id, messages);
		List<Message> found = this.repository.findByConversationId(this.id);
		assertThat(((AssistantMessage) found.get(0)).getToolCalls())
			.containsExactly(new ToolCall("", "function", "clock", ""));
		assertThat(((ToolResponseMessage) found.get(1)).getResponses())
			.containsExactly(new ToolResponse("", "clock", "noon"));
	}

	@Test
	void aCallOfAnotherProgramKeepsItsArguments() {
		var call = dev.agentsessions.client.message.Message.of(Map.of("role", "assistant"))
			.withToolCalls(List.of(Map.of("id", 7, "type", "function", "function",
					Map.of("name", "weather", "arguments", Map.of("in", "東京")))));
		this.store.session(this.id).append(call).block();
		assertThat(((AssistantMessage) this.repository.findByConversationId(this.id).get(0)).getToolCalls())
			.containsExactly(new ToolCall("7", "function", "weather", "{\"in\":\"東京\"}"));
	}

	@Test
	void picturesComeBack() {
		UserMessage message = UserMessage.builder()
			.text("What is this?")
			.media(new Media(MimeTypeUtils.IMAGE_PNG, URI.create("https://example.com/a.png")),
					Media.builder().mimeType(MimeTypeUtils.IMAGE_GIF).data(new byte[] { 1, 2, 3 }).id("m2").build())
			.build();
		this.repository.saveAll(this.id, List.of(message));
		UserMessage found = (UserMessage) this.repository.findByConversationId(this.id).get(0);
		assertThat(found.getMedia()).extracting(Media::getMimeType)
			.containsExactly(MimeTypeUtils.IMAGE_PNG, MimeTypeUtils.IMAGE_GIF);
		assertThat(found.getMedia().get(0).getData()).isEqualTo("https://example.com/a.png");
		assertThat(found.getMedia().get(1).getDataAsByteArray()).containsExactly(1, 2, 3);
		assertThat(found.getMedia().get(1).getId()).isEqualTo("m2");
	}

	@Test
	void aWindowThatMovesOnLosesNothing() {
		ChatMemory memory = MessageWindowChatMemory.builder()
			.chatMemoryRepository(this.repository)
			.maxMessages(4)
			.build();
		memory.add(this.id, new SystemMessage("Be brief"));
		for (int i = 1; i <= 10; i++) {
			memory.add(this.id, new UserMessage("question " + i));
			memory.add(this.id, new AssistantMessage("answer " + i));
		}
		assertThat(memory.get(this.id)).extracting(Message::getText)
			.startsWith("Be brief")
			.endsWith("answer 10")
			.hasSizeLessThan(5);
		assertThat(this.store.session(this.id).messages().map((message) -> message.text()).collectList().block())
			.hasSize(21)
			.startsWith("Be brief", "question 1", "answer 1")
			.endsWith("question 10", "answer 10");
		memory.clear(this.id);
		memory.clear(this.id);
		assertThat(memory.get(this.id)).isEmpty();
		memory.add(this.id, new UserMessage("anew"));
		assertThat(memory.get(this.id)).hasSize(1);
	}

	@Test
	void aConversationThatWasIdleForLongGoesOn() {
		this.repository.saveAll(this.id, this.conversation.subList(0, 2));
		this.store.session(this.id).delete().block();
		List<Message> found = this.repository.findByConversationId(this.id);
		assertThat(found).hasSize(2);
		this.repository.saveAll(this.id, List.of(found.get(0), found.get(1), new AssistantMessage("Warm")));
		assertThat(this.store.session(this.id).messages().count().block()).isEqualTo(3);
	}

	@Test
	void whatIsNoConversationIsRefused() {
		for (String none : Arrays.asList(null, "", " ")) {
			assertThatThrownBy(() -> this.repository.findByConversationId(none))
				.isInstanceOf(IllegalArgumentException.class);
			assertThatThrownBy(() -> this.repository.saveAll(none, this.conversation))
				.isInstanceOf(IllegalArgumentException.class);
			assertThatThrownBy(() -> this.repository.deleteByConversationId(none))
				.isInstanceOf(IllegalArgumentException.class);
		}
		assertThatThrownBy(() -> this.repository.saveAll(this.id, null)).isInstanceOf(IllegalArgumentException.class);
		assertThatThrownBy(() -> this.repository.saveAll(this.id, Collections.singletonList(null)))
			.isInstanceOf(IllegalArgumentException.class);
	}

	@Test
	void oneDependencyAndOneUrlAreEnough() {
		ApplicationContextRunner runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(SessionStoreAutoConfiguration.class,
					org.springframework.ai.model.chat.memory.autoconfigure.ChatMemoryAutoConfiguration.class));
		runner.withPropertyValues("agent-session-store.url=" + Service.url()).run((context) -> {
			context.getBean(ChatMemory.class).add(this.id, new UserMessage("Hi"));
			assertThat(this.store.session(this.id).message(1).block().text()).isEqualTo("Hi");
		});
		runner.run((context) -> assertThat(context).hasSingleBean(ChatMemoryRepository.class)
			.doesNotHaveBean(SessionStoreChatMemoryRepository.class));
		runner.withBean(SessionStore.class, () -> this.store)
			.run((context) -> assertThat(context).hasSingleBean(SessionStoreChatMemoryRepository.class));
	}

}
