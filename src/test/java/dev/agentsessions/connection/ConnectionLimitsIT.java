package dev.agentsessions.connection;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.agentsessions.Api;
import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import io.micrometer.core.instrument.MeterRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Clients that are slow on purpose, and too many of them.
 */
class ConnectionLimitsIT {

	private static final ConnectionTimes HURRY = new ConnectionTimes(Duration.ofSeconds(2), Duration.ofSeconds(1),
			Duration.ofMillis(600), Duration.ofSeconds(1), Duration.ofSeconds(1));

	private static final ConnectionTimes FOR_REQUESTS = new ConnectionTimes(Duration.ofMinutes(1),
			Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofSeconds(1), Duration.ofMinutes(1));

	private static TestStore store;

	@BeforeAll
	static void start() {
		store = TestStore.start(List.of(HURRY), TestStore.newDatabase(Engine.H2), "management.server.port=0",
				"store.connections.max=20");
	}

	@AfterAll
	static void stop() {
		store.close();
	}

	@BeforeEach
	void noConnections() {
		awaitConnections(0);
	}

	@Test
	void whoSaysNothingIsHungUpOn() throws IOException {
		double before = closed("idle");
		try (SlowClient client = new SlowClient(store)) {
			assertThat(client.rest()).isEmpty();
		}
		assertThat(closed("idle")).isEqualTo(before + 1);
	}

	@Test
	void whoSaysNothingMoreIsHungUpOn() throws IOException {
		try (SlowClient client = new SlowClient(store)) {
			client.send("GET /v1/sessions/none HTTP/1.1\r\nHost: localhost\r\n\r\n");
			assertThat(client.rest()).startsWith("HTTP/1.1 404").containsOnlyOnce("HTTP/1.1");
		}
	}

	@Test
	void headersThatTrickleInAreCutOff() throws IOException {
		try (SlowClient client = new SlowClient(store)) {
			client.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n");
			assertThat(client.trickle("X-Slow: loris\r\n", Duration.ofSeconds(5))).isTrue();
		}
	}

	@Test
	void aBodyThatStandsStillIsToldSo() throws IOException {
		double before = closed("body");
		try (SlowClient client = new SlowClient(store)) {
			client.send(append("application/json") + "Content-Length: 100\r\n\r\n{\"role\":");
			assertThat(client.rest()).startsWith("HTTP/1.1 408")
				.contains("/problems/request-timeout", "Retry-After: ", "X-Content-Type-Options: nosniff");
		}
		assertThat(closed("body")).isEqualTo(before + 1);
	}

	@Test
	void aBodyThatTricklesInIsToldSoToo() throws IOException {
		try (SlowClient client = new SlowClient(store)) {
			client.send(append("application/json") + "Content-Length: 100000\r\n\r\n");
			client.trickle(" ", Duration.ofSeconds(5));
			assertThat(client.rest()).contains("/problems/request-timeout");
		}
	}

	@Test
	void aBodyThatGoesOnAfterItsAnswerIsCutOff() throws IOException {
		double before = closed("leftover");
		try (SlowClient client = new SlowClient(store)) {
			client.send("POST /v1/nothing HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
					+ "Content-Length: 10000000\r\n\r\n");
			assertThat(client.head(4000)).startsWith("HTTP/1.1 404");
			assertThat(client.trickle(" ", Duration.ofSeconds(5))).isTrue();
		}
		assertThat(closed("leftover")).isEqualTo(before + 1);
	}

	@Test
	void aBodyThatEndsSoonAfterItsAnswerKeepsTheConnection() throws IOException {
		try (SlowClient client = new SlowClient(store)) {
			client.send("POST /v1/nothing HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
					+ "Content-Length: 10\r\n\r\n");
			assertThat(client.head(4000)).startsWith("HTTP/1.1 404");
			client.send("0123456789GET /v1/sessions/none HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
			assertThat(client.rest()).startsWith("HTTP/1.1 404");
		}
	}

	@Test
	void linesMayTakeAnyTimeUnlessTheyStandStill() throws IOException {
		String session = Api.newId();
		try (SlowClient client = new SlowClient(store)) {
			client.send(append("application/x-ndjson", session) + "Transfer-Encoding: chunked\r\n\r\n");
			client.slowly(12, "%x\r\n%s\n\r\n".formatted(message("hi").length() + 1, message("hi")),
					Duration.ofMillis(150));
			client.send("0\r\n\r\n");
			assertThat(client.rest()).startsWith("HTTP/1.1 201").contains("\"appended\":12");
		}
		assertThat(Api.on(store).contents(session)).hasSize(12);
	}

	@Test
	void linesThatStandStillAreCutOff() throws IOException {
		try (SlowClient client = new SlowClient(store)) {
			client.send(append("application/x-ndjson") + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"rol\r\n");
			assertThat(client.rest()).startsWith("HTTP/1.1 408");
		}
	}

	@Test
	void linesThatStandStillAreToldHowManyAreCommitted() throws IOException {
		String session = Api.newId();
		String lines = (message("hi") + "\n").repeat(600);
		double body = closed("body");
		try (SlowClient client = new SlowClient(store)) {
			client.send(append("application/x-ndjson", session)
					+ "Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n".formatted(lines.length(), lines));
			assertThat(client.rest()).startsWith("HTTP/1.1 408")
				.contains("/problems/request-timeout", "Retry-After: ", "\"committed\":500")
				.doesNotContain("nothing was done")
				.containsOnlyOnce("HTTP/1.1");
		}
		assertThat(Api.on(store).contents(session)).hasSize(500);
		assertThat(closed("body")).isEqualTo(body + 1);
	}

	@Test
	void whoTakesNothingOfAnAnswerIsHungUpOn() throws IOException {
		String session = Api.newId();
		for (int i = 0; i < 120; i++) {
			Api.on(store).append(session, message("x".repeat(100_000))).expect(201);
		}
		awaitConnections(0);
		try (SlowClient client = new SlowClient(store)) {
			client.send("GET /v1/sessions/" + session + "/history HTTP/1.1\r\nHost: localhost\r\n\r\n");
			awaitConnections(1);
			awaitConnections(0);
		}
	}

	@Test
	void aTailThatIsCutBecauseItTakesNothingIsCounted() throws IOException {
		Api api = Api.on(store);
		String session = api.sessionOf(1);
		awaitConnections(0);
		double before = closed("answer");
		try (SlowClient client = new SlowClient(store)) {
			client.send("GET /v1/sessions/" + session + "/tail HTTP/1.1\r\nHost: localhost\r\n\r\n");
			client.awaitText("event: ready");
			for (int i = 0; i < 100; i++) {
				api.append(session, message("x".repeat(100_000))).expect(201);
			}
			Awaitility.await("it is cut").atMost(Duration.ofSeconds(20)).until(() -> closed("answer") > before);
			assertThat(closed("answer")).isEqualTo(before + 1);
		}
	}

	@Test
	void anAnswerThatDoesNotBeginIsReplacedByOneThatSaysSo() throws IOException, SQLException {
		try (TestStore slow = TestStore.start(List.of(FOR_REQUESTS), TestStore.newDatabase(Engine.POSTGRESQL),
				"management.server.port=0", "store.database.request-timeout=80s");
				Connection locking = TestPostgres.connect(slow.databaseUrl());
				SlowClient client = new SlowClient(slow)) {
			String session = Api.on(slow).newSession();
			locking.setAutoCommit(false);
			locking.createStatement().executeQuery("select 1 from sessions for update");
			String body = message("hi");
			client.send(append("application/json", session) + "Content-Length: " + body.length() + "\r\n\r\n" + body);
			assertThat(client.rest()).startsWith("HTTP/1.1 503")
				.contains("/problems/outcome-unknown", "Retry-After: 1", "connection: close");
			locking.rollback();
		}
	}

	@Test
	void oneConnectionTooManyIsToldSo() throws IOException {
		List<SlowClient> clients = new ArrayList<>();
		try {
			for (int i = 0; i < 20; i++) {
				SlowClient client = new SlowClient(store);
				clients.add(client);
				client.send("GET ");
			}
			awaitConnections(20);
			try (SlowClient oneMore = new SlowClient(store)) {
				oneMore.send("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
				assertThat(oneMore.rest()).startsWith("HTTP/1.1 503").contains("/problems/busy", "Retry-After: 1");
			}
			for (String asked : new String[] { "GET /livez", "GET /livez?x", "HEAD /livez" }) {
				try (SlowClient probe = new SlowClient(store)) {
					probe.send(asked + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
					assertThat(probe.rest()).as("a full replica is alive")
						.startsWith("HTTP/1.1 200")
						.contains("connection: close")
						.endsWith(asked.startsWith("GET") ? "\r\n\r\n{\"status\":\"UP\"}" : "\r\n\r\n");
				}
			}
			for (String asked : new String[] { "POST /livez", "GET /livezz", "GET /v1/sessions" }) {
				try (SlowClient other = new SlowClient(store)) {
					other.send(asked + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
					assertThat(other.rest()).startsWith("HTTP/1.1 503");
				}
			}
		}
		finally {
			for (SlowClient client : clients) {
				client.close();
			}
		}
		awaitConnections(0);
		Api.on(store).get("/livez").expect(200);
	}

	@Test
	void ofManyConnectionsAtOnceAsManyAreTakenAsMayBeAndTheRestAreToldSo() throws IOException {
		List<SlowClient> clients = new ArrayList<>();
		try {
			for (int i = 0; i < 200; i++) {
				SlowClient client = new SlowClient(store);
				clients.add(client);
				client.send("GET /v1/sessions/none HTTP/1.1\r\nHost: localhost\r\n\r\n");
			}
			int taken = 0;
			for (SlowClient client : clients) {
				String answer = client.head(4000);
				assertThat(answer).matches("(?s)HTTP/1.1 404 .*|HTTP/1.1 503 .*/problems/busy.*");
				taken += answer.startsWith("HTTP/1.1 404") ? 1 : 0;
			}
			// those that were let in stay; a slow machine may let in more once they are
			// idle
			assertThat(taken).isBetween(20, 180);
		}
		finally {
			for (SlowClient client : clients) {
				client.close();
			}
		}
		awaitConnections(0);
		Api.on(store).get("/livez").expect(200);
	}

	@ParameterizedTest
	@CsvSource({ "400, invalid-request, 'nonsense'", "400, invalid-request, 'GET '",
			"400, invalid-request, 'GET /livez HTTP/1.1|X A: b'",
			"400, invalid-request, 'POST /v1/sessions HTTP/1.1|Content-Length: x'",
			"400, invalid-request, 'POST /v1/sessions HTTP/1.1|Content-Length: 2|Transfer-Encoding: chunked'",
			"400, invalid-request, 'POST /v1/sessions HTTP/1.1|Host: localhost|Transfer-Encoding: gzip, chunked'",
			"400, invalid-request, 'POST /v1/sessions HTTP/1.1|Host: localhost|Transfer-Encoding: gzip'",
			"431, headers-too-large, 'GET /livez HTTP/1.1|X-Long: $9000'",
			"414, uri-too-long, 'GET /$530000 HTTP/1.1|Host: localhost'" })
	void whatIsNoHttpIsRefusedAsEverythingElseIs(int status, String problem, String head) throws IOException {
		String length = head.replaceAll(".*\\$(\\d+).*", "$1");
		String text = head.contains("$") ? head.replace("$" + length, "x".repeat(Integer.parseInt(length))) : head;
		try (SlowClient client = new SlowClient(store)) {
			client.send(text.replace("|", "\r\n") + "\r\n\r\n");
			assertThat(client.head(4000)).startsWith("HTTP/1.1 " + status)
				.contains("/problems/" + problem, "application/problem+json", "\"status\":" + status);
		}
	}

	@Test
	void requestsOneAfterAnotherAreFarFromAnyLimit() throws IOException {
		try (SlowClient client = new SlowClient(store)) {
			String request = "GET /v1/sessions/none HTTP/1.1\r\nHost: localhost\r\n\r\n";
			client.slowly(20, request, Duration.ofMillis(150));
			client.send(request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
			assertThat(client.rest().split("HTTP/1.1 404")).hasSize(22);
		}
	}

	@Test
	void aStreamThatWasAskedForBeforeAnotherAnswerCameIsNotIdle() throws IOException {
		String session = Api.on(store).sessionOf(1);
		awaitConnections(0);
		try (SlowClient client = new SlowClient(store)) {
			client.send("GET /v1/sessions/none HTTP/1.1\r\nHost: localhost\r\n\r\nGET /v1/sessions/" + session
					+ "/tail HTTP/1.1\r\nHost: localhost\r\n\r\n");
			client.awaitText("event: ready");
			SlowClient.pause(Duration.ofSeconds(4));
			Api.on(store).append(session, message("after a while")).expect(201);
			client.awaitText("after a while");
		}
	}

	@Test
	void anAnswerThatTakesLongIsNotBrokenIntoByTheRefusalOfTheNextRequest() throws IOException {
		String session = Api.on(store).sessionOf(1);
		awaitConnections(0);
		try (SlowClient client = new SlowClient(store)) {
			client.send("GET /v1/sessions/" + session + "/tail HTTP/1.1\r\nHost: localhost\r\n\r\n");
			client.awaitText("event: ready");
			client.send(append("application/json") + "Content-Length: 100\r\n\r\n{\"role\":");
			SlowClient.pause(Duration.ofSeconds(3));
			Api.on(store).append(session, message("after a while")).expect(201);
			assertThat(client.awaitText("after a while")).doesNotContain("HTTP/1.1 408");
		}
	}

	private static String append(String type) {
		return append(type, Api.newId());
	}

	private static String append(String type, String session) {
		return "POST /v1/sessions/" + session + "/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + type
				+ "\r\n" + (type.endsWith("ndjson") ? "Connection: close\r\n" : "");
	}

	private static double closed(String reason) {
		return store.bean(MeterRegistry.class).get("store.connections.closed").tag("reason", reason).counter().count();
	}

	private static void awaitConnections(int count) {
		Awaitility.await(count + " connections")
			.atMost(Duration.ofSeconds(10))
			.until(() -> store.bean(ConnectionCounts.class).open() == count);
	}

}
