package dev.agentsessions.client;

import java.time.Duration;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import reactor.netty.http.client.HttpClient;

import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * A test with a store, and a session that nobody else has.
 */
abstract class StoreTest {

	protected final SessionStore store = SessionStore.builder(Service.url()).timeout(Duration.ofSeconds(30)).build();

	protected final String id = "session-" + UUID.randomUUID();

	protected final SessionClient session = this.store.session(this.id);

	@AfterEach
	void close() {
		this.store.close();
	}

	/** A store of which each request has a connection of its own. */
	static SessionStore.Builder builder(Proxy proxy) {
		ReactorClientHttpConnector connector = new ReactorClientHttpConnector(
				HttpClient.newConnection().disableRetry(true));
		return SessionStore.builder(proxy.url())
			.timeout(Duration.ofSeconds(30))
			.webClient(WebClient.builder().clientConnector(connector).build());
	}

	static SessionStore through(Proxy proxy) {
		return builder(proxy).build();
	}

}
