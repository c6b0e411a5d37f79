package dev.agentsessions.springai.session;

import dev.agentsessions.client.SessionStore;
import org.springframework.ai.session.SessionRepository;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * The sessions of Spring AI Session in the store at {@code agent-session-store.url}, or
 * in one of your own.
 */
@AutoConfiguration(afterName = "dev.agentsessions.springai.SessionStoreAutoConfiguration",
		beforeName = "org.springaicommunity.session.autoconfigure.SessionServiceAutoConfiguration")
class SessionStoreSessionAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBean(SessionStore.class)
	SessionRepository agentSessionStoreSessionRepository(SessionStore store) {
		return new SessionStoreSessionRepository(store);
	}

}
