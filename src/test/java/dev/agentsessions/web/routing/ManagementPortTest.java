package dev.agentsessions.web.routing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Health in detail and metrics have a port of their own, which keeps no replica from
 * starting.
 */
@ExtendWith(OutputCaptureExtension.class)
class ManagementPortTest {

	private final TestStore store = TestStore.on(Engine.H2);

	@Test
	void replicasThatWereGivenNoManagementPortStartBesideEachOther() {
		try (TestStore other = start()) {
			assertThat(other.managementPort()).isNotIn(0, other.port(), this.store.managementPort());
			assertThat(get(other.managementPort(), "/actuator/health").statusCode()).isEqualTo(200);
			Api.on(other).newSession();
		}
	}

	@Test
	void aPortThatIsSetAndTakenEndsTheStartWithWhatToDo(CapturedOutput output) throws IOException {
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
			assertThatException().isThrownBy(() -> start("management.server.port=" + taken.getLocalPort()).close())
				.havingRootCause()
				.withMessageContaining("in use");
			assertThat(output).containsOnlyOnce("APPLICATION FAILED TO START")
				.contains("Port " + taken.getLocalPort() + " was already in use", "Action:")
				.doesNotContain("\tat ");
		}
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "/actuator/health", "/actuator/health/readiness", "/actuator/info", "/actuator/prometheus" })
	void itHasHealthInfoAndMetrics(String path) {
		assertThat(get(this.store.managementPort(), path).statusCode()).isEqualTo(200);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/actuator", "/actuator/env", "/actuator/beans", "/actuator/heapdump",
			"/actuator/threaddump", "/actuator/loggers", "/actuator/metrics", "/actuator/shutdown",
			"/actuator/configprops", "/actuator/liquibase", "/v1/sessions", "/docs", "/console", "/livez", "/" })
	void itHasNothingElse(String path) {
		assertThat(get(this.store.managementPort(), path).statusCode()).isEqualTo(404);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/actuator/health", "/actuator/info", "/actuator/prometheus" })
	void theMainPortHasNoneOfIt(String path) {
		Api.on(this.store).get(path).problem(404, "not-found");
	}

	@ParameterizedTest
	@ValueSource(strings = { "/livez", "/readyz" })
	void healthOnTheMainPortIsAWordOnly(String path) {
		assertThat(Api.on(this.store).get(path).expect(200).text()).isEqualTo("{\"status\":\"UP\"}");
	}

	private static TestStore start(String... properties) {
		return TestStore.start(TestStore.newDatabase(Engine.H2), properties);
	}

	private static HttpResponse<String> get(int port, String path) {
		try {
			return HttpClient.newHttpClient()
				.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
						BodyHandlers.ofString());
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
