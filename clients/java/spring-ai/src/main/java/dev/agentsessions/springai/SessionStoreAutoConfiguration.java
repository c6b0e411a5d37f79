package dev.agentsessions.springai;

import java.util.Objects;

import dev.agentsessions.client.SessionStore;
import org.springframework.ai.chat.memory.ChatMemoryRepository;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * The store at {@code agent-session-store.url}, or one of your own, and the chat memory
 * in it.
 */
@AutoConfiguration(beforeName = "org.springframework.ai.model.chat.memory.autoconfigure.ChatMemoryAutoConfiguration")
@EnableConfigurationProperties(SessionStoreProperties.class)
class SessionStoreAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnProperty("agent-session-store.url")
	SessionStore agentSessionStore(SessionStoreProperties properties) {
		SessionStore.Builder builder = SessionStore.builder(Objects.requireNonNull(properties.url()))
			.timeout(properties.timeout());
		if (properties.apiKey() != null) {
			builder.apiKey(properties.apiKey());
		}
		return builder.build();
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBean(SessionStore.class)
	ChatMemoryRepository agentSessionStoreChatMemoryRepository(SessionStore store) {
		return new SessionStoreChatMemoryRepository(store);
	}

}
