package dev.agentsessions.connection.http;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * HTTP as its clients speak it byte by byte, old ones included.
 */
class HttpRulesTest {

	private static TestStore store;

	private static String session;

	@BeforeAll
	static void start() {
		store = TestStore.on(Engine.H2);
		session = Api.newId();
		for (int i = 0; i < 3; i++) {
			store.client()
				.post()
				.uri("/v1/sessions/" + session + "/messages")
				.header("Content-Type", "application/json")
				.bodyValue(message("hello"))
				.exchange()
				.expectStatus()
				.isCreated();
		}
	}

	@ParameterizedTest
	@CsvSource({ "/history, application/json, hello\"}]}", "/messages, application/x-ndjson, hello" })
	void toAnOldClientAnAnswerOfAnyLengthIsNotChunkedAndEndsWithTheConnection(String path, String type, String part)
			throws IOException {
		for (String header : List.of("X: y", "Connection: keep-alive")) {
			String answer = send("GET /v1/sessions/" + session + path + " HTTP/1.0\r\nAccept: " + type + "\r\n" + header
					+ "\r\n\r\n");
			assertThat(answer).startsWith("HTTP/1.1 200 ")
				.contains(part)
				.containsIgnoringCase("connection: close")
				.doesNotContainIgnoringCase("Transfer-Encoding");
			assertThat(answer.substring(answer.indexOf("\r\n\r\n") + 4)).startsWith("{")
				.endsWith("}" + (type.contains("nd") ? "\n" : ""));
		}
	}

	@Test
	void anOldClientFollowsAStreamWithoutChunks() throws IOException {
		try (Socket socket = connect()) {
			write(socket,
					"GET /v1/sessions/" + session + "/tail?after=0 HTTP/1.0\r\nAccept: text/event-stream\r\n\r\n");
			StringBuilder answer = new StringBuilder();
			while (!answer.toString().contains("\"seq\":3")) {
				answer.append((char) socket.getInputStream().read());
			}
			assertThat(answer.toString()).startsWith("HTTP/1.1 200 ").doesNotContainIgnoringCase("Transfer-Encoding");
			// each line is a line of an event, none the length of a chunk
			assertThat(answer.substring(answer.indexOf("\r\n\r\n") + 4).lines())
				.allMatch((line) -> line.isEmpty() || line.matches("(id|event|data|retry|:).*"));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "Host: a\r\nHost: b\r\n" })
	void aRequestThatNamesNoOneHostIsRefused(String host) throws IOException {
		String answer = send("GET /v1/sessions HTTP/1.1\r\n" + host + "\r\n");
		assertThat(answer).startsWith("HTTP/1.1 400 ")
			.contains("application/problem+json", "/problems/invalid-request")
			.containsIgnoringCase("connection: close");
	}

	@Test
	void anEmptyHostIsOne() throws IOException {
		assertThat(send("GET /livez HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n")).startsWith("HTTP/1.1 200");
	}

	@Test
	void whatFollowsAWronglyCountedBodyTakesNothingFromItsAnswer() throws IOException {
		String body = message("Жизнь");
		String answers = send("POST /v1/sessions/" + Api.newId() + "/messages HTTP/1.1\r\nHost: x\r\n"
				+ "Content-Type: application/json\r\nContent-Length: " + body.getBytes(StandardCharsets.UTF_8).length
				+ "\r\n\r\n" + body + "жизнь\r\n\r\n");
		assertThat(answers).startsWith("HTTP/1.1 201 ").contains("\"last_seq\":1");
	}

	/** All that is answered; the connection must end by itself. */
	private static String send(String request) throws IOException {
		try (Socket socket = connect()) {
			write(socket, request);
			return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		}
	}

	private static Socket connect() throws IOException {
		Socket socket = new Socket("127.0.0.1", store.port());
		socket.setSoTimeout(10_000);
		return socket;
	}

	private static void write(Socket socket, String request) throws IOException {
		socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
	}

}
