package dev.agentsessions.tail;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.agentsessions.Api;
import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import dev.agentsessions.access.KeysOfTests;
import dev.agentsessions.database.Engine;
import dev.agentsessions.tail.hub.TailHub;
import dev.agentsessions.tail.time.TailTimes;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How many streams there may be, of a tenant and of a replica, when more are asked for at
 * once, and that each place is free again whatever became of its stream.
 */
class TailLimitsIT {

	private static final int MOST = 20;

	private static final int MOST_OF_TENANT = 12;

	private static final int MOST_SESSIONS = 30;

	private static final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	@TempDir
	private static Path directory;

	private static TestStore store;

	private static Api acme;

	private static String ofAcme;

	private static String ofRival;

	private final List<InputStream> streams = new ArrayList<>();

	@BeforeAll
	static void start() {
		TailTimes times = new TailTimes(Duration.ofMillis(40), Duration.ofHours(1), Duration.ofSeconds(1),
				Duration.ofMillis(800));
		store = KeysOfTests.store(List.of(times), Engine.POSTGRESQL, directory, "store.tails.max-streams=" + MOST,
				"store.tails.max-streams-per-tenant=" + MOST_OF_TENANT,
				"store.tails.max-sessions-per-tenant=" + MOST_SESSIONS, "store.database.request-timeout=4m");
		acme = Api.on(store, "acme-user");
		ofAcme = acme.sessionOf(1);
		ofRival = Api.on(store, "rival-user").sessionOf(1);
	}

	@AfterAll
	static void stop() {
		store.close();
	}

	@AfterEach
	void everyPlaceIsFreeAgain() throws IOException {
		for (InputStream stream : this.streams) {
			stream.close();
		}
		awaitTaken("acme", 0);
		awaitTaken("rival", 0);
		Awaitility.await("nobody is followed").until(() -> !store.bean(TailHub.class).hasFollowers());
	}

	@Test
	void ofManyThatComeAtOnceNoMoreThanTheirShareAreLetIn() throws IOException {
		List<HttpResponse<InputStream>> first = open(60, "acme-user", ofAcme);
		assertThat(first).filteredOn((answer) -> answer.statusCode() == 200).hasSize(MOST_OF_TENANT);
		assertThat(first).filteredOn((answer) -> answer.statusCode() == 429).hasSize(60 - MOST_OF_TENANT);
		acme.get("/v1/sessions/{id}/tail", ofAcme).problem(429, "too-many-streams");
		acme.get("/v1/tail?session_id={id}", ofAcme).problem(429, "too-many-streams");
		assertThat(acme.get("/v1/sessions/{id}/tail", ofAcme).header("Retry-After")).isEqualTo("1");

		List<HttpResponse<InputStream>> others = open(60, "rival-user", ofRival);
		assertThat(others).filteredOn((answer) -> answer.statusCode() == 200).hasSize(MOST - MOST_OF_TENANT);
		assertThat(others).filteredOn((answer) -> answer.statusCode() == 503).hasSize(60 - (MOST - MOST_OF_TENANT));
		Api rival = Api.on(store, "rival-user");
		rival.get("/v1/sessions/{id}/tail", ofRival).problem(503, "busy");
		assertThat(rival.get("/v1/sessions/{id}/tail", ofRival).header("Retry-After")).isEqualTo("1");
		// no write and no read needs a place
		acme.append(ofAcme, "{\"role\":\"user\",\"content\":\"still\"}").expect(201);

		hangUp(first);
		awaitTaken("acme", 0);
		assertThat(open(4, "rival-user", ofRival)).extracting(HttpResponse::statusCode).containsOnly(200);
	}

	@Test
	void whatIsRefusedLaterAndWhatHasNoBodyKeepsNoPlace() {
		for (int i = 0; i < 2 * MOST_OF_TENANT; i++) {
			acme.get("/v1/sessions/{id}/tail", "absent").problem(404, "session-not-found");
			acme.get("/v1/tail?session_id=absent").problem(404, "session-not-found");
			acme.get("/v1/sessions/{id}/tail?after=99", ofAcme).problem(400, "position-ahead");
			acme.head("/v1/sessions/{id}/tail", ofAcme).expect(200);
		}
		assertThat(open(MOST_OF_TENANT, "acme-user", ofAcme)).extracting(HttpResponse::statusCode).containsOnly(200);
	}

	@Test
	void whoHangsUpWhileAStreamIsBeingOpenedKeepsNoPlace() throws IOException, SQLException {
		try (Connection locking = TestPostgres.connect(store.databaseUrl())) {
			locking.setAutoCommit(false);
			locking.createStatement().execute("lock table sessions in access exclusive mode");
			List<Socket> sockets = new ArrayList<>();
			for (int i = 0; i < MOST_OF_TENANT; i++) {
				Socket socket = new Socket("127.0.0.1", store.port());
				sockets.add(socket);
				socket.getOutputStream()
					.write(("GET /v1/sessions/" + ofAcme + "/tail HTTP/1.1\r\nHost: localhost\r\n"
							+ "Authorization: Bearer acme-user\r\n\r\n")
						.getBytes(StandardCharsets.US_ASCII));
			}
			awaitTaken("acme", MOST_OF_TENANT);
			acme.get("/v1/sessions/{id}/tail", ofAcme).problem(429, "too-many-streams");
			for (Socket socket : sockets) {
				socket.close();
			}
			awaitTaken("acme", 0);
			locking.rollback();
		}
	}

	@Test
	void aTenantFollowsNoMoreSessionsThanItMayInFewStreamsEither() throws IOException {
		String ten = "/v1/tail?session_id=" + ofAcme
				+ IntStream.range(0, 9).mapToObj((i) -> "&session_id=s" + i).collect(Collectors.joining());
		List<HttpResponse<InputStream>> first = openPath(8, "acme-user", ten + "&session_id=s0");
		assertThat(first).filteredOn((answer) -> answer.statusCode() == 200).hasSize(MOST_SESSIONS / 10);
		assertThat(first).filteredOn((answer) -> answer.statusCode() == 429).hasSize(8 - MOST_SESSIONS / 10);
		acme.get("/v1/sessions/{id}/tail", ofAcme).problem(429, "too-many-streams");
		assertThat(open(1, "rival-user", ofRival)).extracting(HttpResponse::statusCode).containsExactly(200);
		hangUp(first);
		awaitTaken("acme", 0);
		assertThat(openPath(2, "acme-user", ten)).extracting(HttpResponse::statusCode).containsOnly(200);
	}

	private List<HttpResponse<InputStream>> open(int count, String key, String session) {
		return openPath(count, key, "/v1/sessions/" + session + "/tail");
	}

	private List<HttpResponse<InputStream>> openPath(int count, String key, String path) {
		HttpRequest request = HttpRequest.newBuilder(store.uri().resolve(path))
			.header("Authorization", "Bearer " + key)
			.build();
		List<HttpResponse<InputStream>> answers = Api.together(count, (i) -> {
			try {
				return http.send(request, BodyHandlers.ofInputStream());
			}
			catch (IOException | InterruptedException ex) {
				throw new AssertionError(ex);
			}
		});
		answers.forEach((answer) -> this.streams.add(answer.body()));
		return answers;
	}

	private static void hangUp(List<HttpResponse<InputStream>> answers) throws IOException {
		for (HttpResponse<InputStream> answer : answers) {
			answer.body().close();
		}
	}

	private static void awaitTaken(String tenant, int count) {
		Awaitility.await(tenant + " has " + count + " places")
			.until(() -> store.bean(StreamQuota.class).taken(tenant) == count);
	}

}
