package dev.agentsessions.message;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A log that is removed while a slow reader is in the middle of it: the answer can't be
 * whole, and must not look so.
 */
@ExtendWith(OutputCaptureExtension.class)
class CutAnswerTest {

	/** More than the kernel keeps for a reader. */
	private static final int MESSAGES = 250;

	private static final int LENGTH = 60_000;

	private static final String LAST_CHUNK = "\r\n0\r\n\r\n";

	@ParameterizedTest
	@EnumSource(Engine.class)
	void aLogThatIsLeftAloneIsWhole(Engine engine) throws IOException {
		String session = session(engine);
		try (Socket reader = ask(engine, "/v1/sessions/" + session + "/history")) {
			assertThat(rest(reader)).endsWith("]}" + LAST_CHUNK);
		}
	}

	/** A filter hides what is missing, so it is looked for at the end. */
	@ParameterizedTest
	@EnumSource(Engine.class)
	void anAnswerWhoseLogIsRemovedIsCutOff(Engine engine, CapturedOutput log) throws IOException {
		String session = session(engine);
		try (Socket reader = ask(engine, "/v1/sessions/" + session + "/messages?role=user")) {
			assertThat(reader.getInputStream().readNBytes(100)).asString().startsWith("HTTP/1.1 200 OK");
			Api.on(engine).delete("/v1/sessions/{id}?soft=false", session).expect(204);
			assertThat(rest(reader)).doesNotEndWith(LAST_CHUNK);
		}
		assertThat(log.getAll()).doesNotContain("HttpWebHandlerAdapter", "HttpServerOperations");
	}

	private static String session(Engine engine) {
		String session = Api.newId();
		List<String> messages = IntStream.rangeClosed(1, MESSAGES / 5)
			.mapToObj((n) -> Json.message(n + " " + "x".repeat(LENGTH)))
			.toList();
		for (int i = 0; i < 5; i++) {
			Api.on(engine).append(session, Json.array(messages)).expect(201);
		}
		return session;
	}

	private static Socket ask(Engine engine, String path) throws IOException {
		Socket reader = new Socket();
		reader.setReceiveBufferSize(4096);
		reader.setSoTimeout((int) Duration.ofSeconds(20).toMillis());
		reader.connect(new InetSocketAddress("127.0.0.1", TestStore.on(engine).port()));
		String request = "GET " + path
				+ " HTTP/1.1\r\nHost: localhost\r\nAccept: application/x-ndjson, application/json\r\nConnection: close\r\n\r\n";
		reader.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
		return reader;
	}

	/** The end of what comes, and it ends one way or another. */
	private static String rest(Socket reader) throws IOException {
		InputStream in = reader.getInputStream();
		byte[] part = new byte[64 * 1024];
		String end = "";
		try {
			for (int length = in.read(part); length >= 0; length = in.read(part)) {
				end += new String(part, 0, length, StandardCharsets.ISO_8859_1);
				end = end.substring(Math.max(0, end.length() - 20));
			}
		}
		catch (SocketException ex) {
			// cut off with what it had not taken
		}
		return end;
	}

}
