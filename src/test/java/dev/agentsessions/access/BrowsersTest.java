package dev.agentsessions.access;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A page in a browser is not its user: what pages of other origins may do.
 */
class BrowsersTest {

	private final TestStore store = TestStore.on(Engine.H2);

	@ParameterizedTest
	@CsvSource({ "localhost:PORT,200", "LOCALHOST:PORT,200", "127.0.0.1:PORT,200", "[::1]:PORT,200", "10.0.0.1,200",
			"[2001:db8::1]:PORT,200", "store:PORT,200", "evil.example.com:PORT,403", "evil.example.com,403",
			"localhost.evil.example.com,403", "127.0.0.1.evil.example.com:PORT,403", "evil.example.com.,403" })
	void anOpenServiceOnALoopbackAddressHasNoPublicName(String host, int status) {
		assertThat(raw(this.store, "GET /v1/sessions", "Host: " + port(host))).startsWith("HTTP/1.1 " + status);
	}

	@Test
	void openOnPurposeItMayHaveAnyName() {
		try (TestStore open = TestStore.start(TestStore.newDatabase(Engine.H2), "store.access.mode=open",
				"store.access.origins=https://App.example.com")) {
			assertThat(raw(open, "GET /v1/sessions", "Host: store.example.com")).startsWith("HTTP/1.1 200");
			assertThat(raw(open, "POST /v1/sessions", "Host: store.example.com", "Content-Length: 0",
					"Origin: http://evil.example.com"))
				.startsWith("HTTP/1.1 403");
			assertThat(raw(open, "POST /v1/sessions", "Host: store.example.com", "Content-Length: 0",
					"Origin: https://app.example.com"))
				.startsWith("HTTP/1.1 201")
				.contains("Access-Control-Allow-Origin: https://app.example.com");
		}
	}

	@ParameterizedTest
	@CsvSource({ "http://localhost:PORT,201", "http://127.0.0.1:PORT,403", "http://localhost:1,403",
			"https://evil.example.com,403", "null,403", "file://,403", "::::,403" })
	void anOpenServiceTakesNothingFromPagesOfOtherOrigins(String origin, int status) {
		String answer = raw(this.store, "POST /v1/sessions", "Host: localhost:" + this.store.port(),
				"Origin: " + port(origin), "Content-Length: 0");
		assertThat(answer).startsWith("HTTP/1.1 " + status).doesNotContainIgnoringCase("access-control");
		if (status == 403) {
			assertThat(answer).contains("application/problem+json", "/problems/forbidden");
		}
	}

	@Test
	void noOriginIsAllowedUnlessItIsListed() {
		assertThat(raw(this.store, "OPTIONS /v1/sessions", "Host: localhost", "Origin: https://app.example.com",
				"Access-Control-Request-Method: POST"))
			.startsWith("HTTP/1.1 403")
			.contains("/problems/forbidden")
			.doesNotContain("Access-Control-");
	}

	@Test
	void aListedOriginMayCallAndReadTheAnswer(@TempDir Path directory) {
		try (TestStore listed = KeysOfTests.store(Engine.H2, directory,
				"store.access.origins=https://app.example.com,http://localhost:3000")) {
			String asked = raw(listed, "OPTIONS /v1/sessions/a/messages", "Host: store.example.com",
					"Origin: https://app.example.com", "Access-Control-Request-Method: POST",
					"Access-Control-Request-Headers: authorization,content-encoding,content-type,idempotency-key,"
							+ "x-request-id");
			assertThat(asked).startsWith("HTTP/1.1 200")
				.contains("Access-Control-Allow-Origin: https://app.example.com")
				.doesNotContain("Allow-Credentials");
			String[] page = { "Host: store.example.com", "Origin: http://localhost:3000" };
			assertThat(raw(listed, "GET /v1/sessions", page[0], page[1], "X-API-Key: acme-user"))
				.startsWith("HTTP/1.1 200")
				.containsOnlyOnce("Access-Control-Allow-Origin: http://localhost:3000")
				.containsPattern("Access-Control-Expose-Headers: ETag.*X-Request-Id");
			assertThat(raw(listed, "GET /v1/sessions", "Host: app.example.com", "Origin: https://app.example.com",
					"X-API-Key: acme-user"))
				.startsWith("HTTP/1.1 200")
				.containsOnlyOnce("Access-Control-Allow-Origin: https://app.example.com");
			assertThat(raw(listed, "GET /v1/sessions", page)).startsWith("HTTP/1.1 401")
				.containsOnlyOnce("Access-Control-Allow-Origin: http://localhost:3000")
				.contains("Access-Control-Expose-Headers: ETag")
				.containsPattern("(?i)vary: *Origin");
			String[] own = { "Host: store.example.com", "Origin: https://store.example.com", "Content-Length: 0" };
			assertThat(raw(listed, "POST /v1/sessions", own[0], own[1], own[2], "X-API-Key: acme-user"))
				.startsWith("HTTP/1.1 201")
				.doesNotContain("Access-Control-Allow");
			assertThat(raw(listed, "POST /v1/sessions", own[0], "Origin: https://store.example.com.evil.example.com",
					own[2], "X-API-Key: acme-user"))
				.startsWith("HTTP/1.1 403");
			assertThat(raw(listed, "OPTIONS /v1/sessions", "Host: store.example.com",
					"Origin: https://evil.example.com", "Access-Control-Request-Method: POST"))
				.startsWith("HTTP/1.1 403")
				.contains("/problems/forbidden")
				.doesNotContain("Access-Control-Allow-Origin");
			assertThat(raw(listed, "GET /v1/sessions", "Host: store.example.com", "Origin: ::::"))
				.startsWith("HTTP/1.1 4");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "GET /v1/sessions", "GET /v1/sessions/none", "GET /livez", "GET /nowhere", "GET /docs",
			"GET /v1/sessions/a%zz", "BAD", "HEAD /v1/sessions", "PUT /v1/sessions" })
	void everyAnswerHasTheSecurityHeaders(String request) {
		assertThat(raw(this.store, request, "Host: localhost")).containsOnlyOnce("X-Content-Type-Options: nosniff")
			.containsOnlyOnce("Content-Security-Policy: default-src 'none';")
			.containsOnlyOnce("Cache-Control: ");
	}

	private String port(String text) {
		return text.replace("PORT", Integer.toString(this.store.port()));
	}

	/** Sends a request as it is; the whole answer. */
	private static String raw(TestStore store, String request, String... headers) {
		String text = request + " HTTP/1.1\r\n" + String.join("\r\n", headers) + "\r\nConnection: close\r\n\r\n";
		try (Socket socket = new Socket("127.0.0.1", store.port())) {
			socket.setSoTimeout(10_000);
			socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
			return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
