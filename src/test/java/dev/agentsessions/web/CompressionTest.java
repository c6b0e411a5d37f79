package dev.agentsessions.web;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Answers that come as gzip, and bodies that are sent so.
 */
class CompressionTest {

	private static final HttpClient client = HttpClient.newHttpClient();

	private final TestStore store = TestStore.on(Engine.H2);

	private final Api api = Api.on(this.store);

	// answers

	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "-",
			value = { "*|gzip", "gzip;q=0, *|-", "br, gzip;q=0|-", "zstd, gzip; q=0.0|-", "x-gzip|gzip", "br, *;q=0|-",
					"GZIP;q=0.5, identity;q=1|gzip", "snappy, br|-", "identity|-", "br|-", "gzip;q=0|-" })
	void anAnswerIsCompressedAsItsReaderAccepts(String accepted, String coding) throws Exception {
		HttpResponse<byte[]> answer = get(sessionOf(500), "/history", "Accept-Encoding", accepted);
		assertThat(answer.headers().firstValue("Content-Encoding")).isEqualTo(Optional.ofNullable(coding));
		assertThat(answer.headers().allValues("Vary")).anyMatch((vary) -> vary.equalsIgnoreCase("Accept-Encoding"));
	}

	@ParameterizedTest
	@CsvSource({ "/messages?limit=1000, application/json", "/messages?page=1, application/json",
			"/messages, application/x-ndjson", "/history, application/json" })
	void anAnswerIsCompressedForWhoAsks(String path, String type) throws Exception {
		String session = sessionOf(500);
		HttpResponse<byte[]> plain = get(session, path, "Accept", type);
		HttpResponse<byte[]> packed = get(session, path, "Accept", type, "Accept-Encoding", "gzip, deflate, br");
		assertThat(packed.headers().firstValue("Content-Encoding")).contains("gzip");
		assertThat(packed.headers().allValues("Vary")).anyMatch((vary) -> vary.equalsIgnoreCase("Accept-Encoding"));
		assertThat(packed.headers().allValues("ETag")).isEqualTo(plain.headers().allValues("ETag"));
		assertThat(packed.body().length).isLessThan(plain.body().length / 5);
		assertThat(new GZIPInputStream(new ByteArrayInputStream(packed.body())).readAllBytes()).isEqualTo(plain.body());
	}

	@Test
	void whatIsSmallIsNotCompressed() throws Exception {
		assertThat(get(sessionOf(2), "/messages", "Accept-Encoding", "gzip").headers().firstValue("Content-Encoding"))
			.isEmpty();
	}

	@Test
	void aTailIsNeverCompressed() throws Exception {
		HttpResponse<InputStream> tail = client
			.send(HttpRequest.newBuilder(this.store.uri().resolve("/v1/sessions/" + sessionOf(1) + "/tail"))
				.header("Accept-Encoding", "gzip")
				.build(), BodyHandlers.ofInputStream());
		try (InputStream events = tail.body()) {
			assertThat(tail.headers().firstValue("Content-Encoding")).isEmpty();
			assertThat((char) events.read()).isEqualTo('r'); // retry:
		}
	}

	// bodies

	@ParameterizedTest
	@ValueSource(strings = { "gzip", "GZIP", "x-gzip" })
	void aBodyMayComeAsGzip(String encoding) {
		String session = Api.newId();
		send(session, "application/json", encoding, gzip(message("hello"))).expect(201);
		send(session, "application/x-ndjson", encoding, gzip((message("line") + "\n").repeat(3000))).expect(201);
		assertThat(this.api.get(MESSAGES + "?before&limit=1", session).data().get(0).path("seq").longValue())
			.isEqualTo(3001);
	}

	@Test
	void limitsCountWhatComesOut() {
		byte[] bomb = gzip("{\"role\":\"user\",\"content\":\"" + "x".repeat(200 << 20));
		assertThat(bomb.length).isLessThan(1 << 20);
		send(Api.newId(), "application/json", "gzip", bomb).problem(413, "too-large");
		send(Api.newId(), "application/x-ndjson", "gzip", bomb).problem(413, "too-large");
		send(Api.newId(), "application/json", "gzip", gzip(message("x".repeat((1 << 20) + 1)))).problem(413,
				"too-large");
	}

	@Test
	void whatIsNoGzipIsRefused() {
		byte[] packed = gzip(message("hello"));
		byte[] damaged = packed.clone();
		damaged[packed.length - 6] ^= 1; // its checksum
		byte[] more = Arrays.copyOf(packed, packed.length + 5);
		byte[][] bodies = { message("hello").getBytes(StandardCharsets.UTF_8), damaged, more,
				Arrays.copyOf(packed, packed.length - 1), Arrays.copyOf(packed, 5), { 31 } };
		for (byte[] body : bodies) {
			String session = Api.newId();
			send(session, "application/json", "gzip", body).problem(400, "invalid-request");
			this.api.get(MESSAGES, session).problem(404, "session-not-found");
		}
		send(Api.newId(), "application/json", "gzip, gzip", gzip(message("x"))).problem(415, "unsupported-media-type");
		send(Api.newId(), "application/json", "deflate", packed).problem(415, "unsupported-media-type");
	}

	@Test
	void linesThatBreakOffSayAllThatIsCommitted() {
		StringBuilder lines = new StringBuilder();
		for (int i = 0; i < 3000; i++) {
			lines.append(message("line " + i + " " + UUID.randomUUID())).append('\n');
		}
		byte[] whole = gzip(lines.toString());
		for (int n = 1; n <= 8; n++) {
			String session = Api.newId();
			long committed = send(session, "application/x-ndjson", "gzip", Arrays.copyOf(whole, whole.length * n / 9))
				.problem(400, "invalid-request")
				.path("committed")
				.longValue();
			// behind all that is still to be written
			long next = this.api.append(session, message("next")).expect(201).json().path("first_seq").longValue();
			assertThat(next).isEqualTo(committed + 1);
		}
	}

	@Test
	void blankLinesAreNumberedAndCostLittle() {
		String session = Api.newId();
		byte[] body = gzip("\n".repeat(10 << 20) + " \r\n\t\n{}");
		JsonNode problem = send(session, "application/x-ndjson", "gzip", body).problem(400, "invalid-request");
		assertThat(problem.path("line").longValue()).isEqualTo((10 << 20) + 3);
	}

	private Answer send(String session, String type, String encoding, byte[] body) {
		return this.api.request(HttpMethod.POST, MESSAGES, session)
			.header("Content-Encoding", encoding)
			.body(type, body)
			.send();
	}

	private HttpResponse<byte[]> get(String session, String path, String... headers)
			throws IOException, InterruptedException {
		return client.send(HttpRequest.newBuilder(this.store.uri().resolve("/v1/sessions/" + session + path))
			.headers(headers)
			.build(), BodyHandlers.ofByteArray());
	}

	private String sessionOf(int messages) {
		String session = Api.newId();
		this.api.post(MESSAGES, session).ndjson((message("hello") + "\n").repeat(messages)).send().expect(201);
		return session;
	}

	private static byte[] gzip(String text) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
			gzip.write(text.getBytes(StandardCharsets.UTF_8));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return bytes.toByteArray();
	}

}
