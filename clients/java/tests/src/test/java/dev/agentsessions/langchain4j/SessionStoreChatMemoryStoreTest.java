package dev.agentsessions.langchain4j;

import java.util.List;
import java.util.Map;
import java.util.UUID;

import dev.agentsessions.client.Service;
import dev.agentsessions.client.SessionStore;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.CustomMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.memory.ChatMemory;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.store.memory.chat.ChatMemoryStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SessionStoreChatMemoryStoreTest {

	private final SessionStore store = SessionStore.of(Service.url());

	private final ChatMemoryStore memories = new SessionStoreChatMemoryStore(this.store);

	private final String id = "memory-" + UUID.randomUUID();

	private final List<ChatMessage> conversation = List.of(SystemMessage.from("Be brief"),
			UserMessage.from("ann", "How warm is it? 😀"),
			AiMessage
				.from(ToolExecutionRequest.builder().id("call_1").name("weather").arguments("{\"in\":\"東京\"}").build()),
			ToolExecutionResultMessage.from("call_1", "weather", "31 °C"), AiMessage.from("Warm"),
			UserMessage.from(TextContent.from("And here?"), ImageContent.from("https://example.com/a.png")),
			AiMessage.builder().text("Cold").thinking("Snow").attributes(Map.of("degrees", "-3")).build(),
			CustomMessage.from(Map.of("anything", "else")));

	@AfterEach
	void close() {
		this.store.close();
	}

	@Test
	void aConversationComesBackAsItWas() {
		assertThat(this.memories.getMessages(this.id)).isEmpty();
		this.memories.updateMessages(this.id, this.conversation);
		assertThat(this.memories.getMessages(this.id)).isEqualTo(this.conversation);
	}

	@Test
	void othersUnderstandIt() {
		this.memories.updateMessages(this.id, this.conversation);
		var stored = this.store.session(this.id).messages().collectList().block();
		assertThat(stored).extracting((message) -> message.text())
			.containsExactly("Be brief", "How warm is it? 😀", "", "31 °C", "Warm", "And here?", "Cold", "");
		assertThat(stored.get(4).fields()).containsOnlyKeys("seq", "timestamp", "role", "content");
	}

	@Test
	void whatOtherProgramsSaidIsUnderstood() {
		var said = dev.agentsessions.client.message.Message.of(Map.of("role", "user", "content",
				List.of(Map.of("type", "image_url", "image_url", Map.of("url", "https://example.com/a.png")))));
		var call = dev.agentsessions.client.message.Message.of(Map.of("role", "assistant"))
			.withToolCalls(List.of(Map.of("id", 7, "type", "function", "function",
					Map.of("name", "weather", "arguments", Map.of("in", "東京")))));
		this.store.session(this.id)
			.append(dev.agentsessions.client.message.Message.system(""), said,
					dev.agentsessions.client.message.Message.assistant("A cat"), call)
			.block();
		assertThat(this.memories.getMessages(this.id)).containsExactly(UserMessage.from(""), AiMessage.from("A cat"),
				AiMessage
					.from(ToolExecutionRequest.builder().id("7").name("weather").arguments("{\"in\":\"東京\"}").build()));
	}

	@Test
	void whatIsSavedAgainIsNotWrittenAgain() {
		this.memories.updateMessages(this.id, this.conversation);
		this.memories.updateMessages(this.id, this.memories.getMessages(this.id));
		assertThat(this.store.session(this.id).get().block().lastSeq()).isEqualTo(this.conversation.size());
	}

	@Test
	void aWindowThatMovesOnLosesNothing() {
		ChatMemory memory = MessageWindowChatMemory.builder()
			.id(this.id)
			.maxMessages(4)
			.chatMemoryStore(this.memories)
			.build();
		memory.add(SystemMessage.from("Be brief"));
		for (int i = 1; i <= 10; i++) {
			memory.add(UserMessage.from("question " + i));
			memory.add(AiMessage.from("answer " + i));
		}
		assertThat(memory.messages()).hasSize(4)
			.startsWith(SystemMessage.from("Be brief"))
			.endsWith(AiMessage.from("answer 10"));
		assertThat(this.store.session(this.id).messages().count().block()).isEqualTo(21);
		memory.clear();
		memory.clear();
		assertThat(memory.messages()).isEmpty();
		memory.add(UserMessage.from("anew"));
		assertThat(memory.messages()).hasSize(1);
	}

	@Test
	void aConversationThatWasIdleForLongGoesOn() {
		this.memories.updateMessages(this.id, this.conversation.subList(0, 2));
		this.store.session(this.id).delete().block();
		assertThat(this.memories.getMessages(this.id)).hasSize(2);
		this.memories.updateMessages(this.id, this.conversation.subList(0, 3));
		assertThat(this.store.session(this.id).messages().count().block()).isEqualTo(3);
	}

}
