package dev.agentsessions.web.request;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Json.array;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * How much memory requests can take: by the number of their values, and by the size of
 * all bodies together.
 */
class BodyLimitsTest {

	private static TestStore store;

	private static Api api;

	@BeforeAll
	static void start() {
		store = TestStore.start(List.of(new RequestMemory(1000, 100 << 10)), TestStore.newDatabase(Engine.H2),
				"management.server.port=0");
		api = Api.on(store);
	}

	@AfterAll
	static void stop() {
		store.close();
	}

	@AfterEach
	void allRoomIsFreeAgain() {
		awaitTaken(0);
	}

	@ParameterizedTest
	@ValueSource(strings = { "[]", "1", "{}", "null", "\"\"", "{\"a\":true}" })
	void aBodyHasNoMoreValuesThanItMay(String value) {
		String many = array(Collections.nCopies(1000, value));
		api.append("s", many).problem(413, "too-large");
		api.append("s", json("{'role':'user','tool_calls':" + many + "}")).problem(413, "too-large");
		api.put("{\"messages\":" + many + "}", "s").problem(413, "too-large");
		api.takeTurn("s", "{\"messages\":" + many + "}").problem(413, "too-large");
		api.create("{\"metadata\":{\"x\":" + many + "}}").problem(413, "too-large");
		assertThat(api.post(Api.MESSAGES, "s")
			.ndjson(message("hi") + "\n" + json("{'role':'user','tool_calls':" + many + "}"))
			.send()
			.problem(413, "too-large")
			.path("committed")
			.intValue()).isEqualTo(1);
	}

	@Test
	void asManyValuesAsABodyMayHaveAreTaken() {
		// the message, its role, the list, and what is in it
		String some = json("{'role':'user','tool_calls':" + array(Collections.nCopies(997, "1")) + "}");
		api.append(Api.newId(), some).expect(201);
		api.append(Api.newId(), some.replace("[1,", "[1,1,")).problem(413, "too-large");
	}

	@Test
	void aBodyThatIsAloneFindsRoomHoweverLargeItIs() {
		api.append(Api.newId(), message("x".repeat(500_000))).expect(201);
		String line = message("x".repeat(90_000));
		api.post(Api.MESSAGES, Api.newId()).ndjson(line + "\n" + line).send().expect(201);
	}

	@Test
	void whatFindsNoRoomBesideOthersIsToldToComeAgain() throws IOException {
		String session = Api.newId();
		String body = message("x".repeat(80_000));
		try (Socket slow = new Socket("127.0.0.1", store.port())) {
			send(slow,
					"POST /v1/sessions/" + session + "/messages HTTP/1.1\r\nHost: localhost\r\n"
							+ "Content-Type: application/json\r\nConnection: close\r\nContent-Length: " + body.length()
							+ "\r\n\r\n" + body.substring(0, 80_000));
			awaitTaken(80_000);
			Answer refused = api.append(session, message("y".repeat(50_000)));
			refused.problem(503, "busy");
			assertThat(refused.header("Retry-After")).isEqualTo("1");
			api.append(session, message("small")).expect(201);
			api.request(HttpMethod.GET, Api.HISTORY, session).send().expect(200);
			send(slow, body.substring(80_000));
			assertThat(new String(slow.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
				.startsWith("HTTP/1.1 201");
		}
		awaitTaken(0);
		api.append(session, message("y".repeat(50_000))).expect(201);
		assertThat(api.contents(session)).hasSize(3);
	}

	@Test
	void linesThatWaitForOthersTakeRoom() throws IOException {
		String session = Api.newId();
		String line = message("x".repeat(30_000)) + "\n";
		try (Socket slow = new Socket("127.0.0.1", store.port())) {
			send(slow,
					"POST /v1/sessions/" + session + "/messages HTTP/1.1\r\nHost: localhost\r\n"
							+ "Content-Type: application/x-ndjson\r\nConnection: close\r\nContent-Length: "
							+ 3 * line.length() + "\r\n\r\n" + line.repeat(2));
			awaitTaken(2 * (line.length() - 1));
			api.append(session, message("y".repeat(50_000))).problem(503, "busy");
			send(slow, line);
			assertThat(new String(slow.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
				.startsWith("HTTP/1.1 201");
		}
		assertThat(api.contents(session)).hasSize(3);
	}

	@Test
	void whoHangsUpInTheMiddleKeepsNoRoom() throws IOException {
		try (Socket gone = new Socket("127.0.0.1", store.port())) {
			send(gone, "POST /v1/sessions/s/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
					+ "Content-Length: 100000\r\n\r\n" + "x".repeat(7_000));
			awaitTaken(7_000);
		}
		awaitTaken(0);
	}

	private static void send(Socket socket, String text) throws IOException {
		socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
	}

	private static void awaitTaken(long bytes) {
		Awaitility.await(bytes + " bytes are taken").until(() -> store.bean(InFlightBodies.class).taken() == bytes);
	}

}
