package dev.agentsessions.web.request;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A proxy that says with <code>X-Forwarded-Prefix</code> what it has taken from the path
 * changes nothing but what links begin with, and that only on purpose.
 */
class ForwardedPrefixTest {

	@Test
	void requestsAreForTheSessionThatThePathNames() {
		try (TestStore store = start("server.forward-headers-strategy=native")) {
			assertNamed(store);
			assertThat(get(store, "/").headers().firstValue("Location")).contains("console");
		}
	}

	@Test
	void itIsNotBelievedUnasked() {
		try (TestStore store = start("spring.main.cloud-platform=kubernetes")) {
			assertNamed(store);
		}
	}

	private static TestStore start(String property) {
		return TestStore.start(TestStore.newDatabase(Engine.H2), property);
	}

	private static void assertNamed(TestStore store) {
		String session = Api.on(store).newSession();
		assertThat(get(store, "/v1/sessions/" + session).body()).contains(session);
	}

	private static HttpResponse<String> get(TestStore store, String path) {
		URI uri = store.uri().resolve(path);
		try {
			return HttpClient.newHttpClient()
				.send(HttpRequest.newBuilder(uri).header("X-Forwarded-Prefix", "/agents").build(),
						BodyHandlers.ofString());
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
