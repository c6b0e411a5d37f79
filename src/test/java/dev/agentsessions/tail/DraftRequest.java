package dev.agentsessions.tail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.agentsessions.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A request that writes to a draft line by line, and may be answered before it has ended.
 */
public final class DraftRequest implements AutoCloseable {

	private final Socket socket;

	private final CompletableFuture<Reply> reply = new CompletableFuture<>();

	private DraftRequest(Socket socket) {
		this.socket = socket;
	}

	/** Begins; nothing is said yet. */
	public static DraftRequest to(URI store, String session, String messageId, String query) {
		try {
			Socket socket = new Socket(store.getHost(), store.getPort());
			socket.setTcpNoDelay(true);
			DraftRequest request = new DraftRequest(socket);
			request.send("POST /v1/sessions/" + session + "/drafts/" + messageId + query + " HTTP/1.1\r\nHost: "
					+ store.getHost() + "\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n");
			Thread reader = new Thread(request::read, "draft");
			reader.setDaemon(true);
			reader.start();
			return request;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Sends a line, in a chunk of its own. */
	public DraftRequest line(String json) {
		String line = json + "\n";
		send(Integer.toHexString(line.getBytes(StandardCharsets.UTF_8).length) + "\r\n" + line + "\r\n");
		return this;
	}

	public DraftRequest say(String text) {
		return line("{\"text\":" + Json.text(text) + "}");
	}

	/** Sends the end of the body. */
	DraftRequest end() {
		send("0\r\n\r\n");
		return this;
	}

	/** Sends a chunk whose length is none. */
	DraftRequest breakOff() {
		send("zz\r\n");
		return this;
	}

	/** The answer; null if there is none, because the connection has ended. */
	public @Nullable Reply replyIfAny() {
		try {
			return this.reply.get(20, TimeUnit.SECONDS);
		}
		catch (InterruptedException | ExecutionException | TimeoutException ex) {
			return null;
		}
	}

	Reply reply() {
		try {
			return this.reply.get(20, TimeUnit.SECONDS);
		}
		catch (InterruptedException | ExecutionException | TimeoutException ex) {
			throw new AssertionError("no answer to a draft", ex);
		}
	}

	/** Expects a status; answers the body. */
	public JsonNode expect(int status) {
		Reply got = reply();
		assertThat(got.status()).as(got.body()).isEqualTo(status);
		return Json.parse(got.body());
	}

	/** Expects a problem; answers its document. */
	public JsonNode problem(int status, String name) {
		JsonNode problem = expect(status);
		assertThat(problem.path("type").stringValue("")).isEqualTo("/problems/" + name);
		return problem;
	}

	public boolean isAnswered() {
		return this.reply.isDone();
	}

	/** Hangs up. */
	@Override
	public void close() {
		try {
			this.socket.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void send(String text) {
		try {
			this.socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
			this.socket.getOutputStream().flush();
		}
		catch (IOException ex) {
			// it has been answered
		}
	}

	private void read() {
		ByteArrayOutputStream answer = new ByteArrayOutputStream();
		try {
			this.socket.setSoTimeout((int) Duration.ofSeconds(60).toMillis());
			InputStream in = this.socket.getInputStream();
			Reply whole = null;
			for (int next = in.read(); next >= 0 && whole == null; next = (whole == null) ? in.read() : -1) {
				answer.write(next);
				whole = Reply.of(answer.toString(StandardCharsets.UTF_8));
			}
			if (whole == null) {
				throw new IOException("cut off");
			}
			this.reply.complete(whole);
		}
		catch (IOException ex) {
			this.reply.completeExceptionally(ex);
		}
	}

	/** What was answered. */
	public record Reply(int status, String head, String body) {

		static @Nullable Reply of(String text) {
			int end = text.indexOf("\r\n\r\n");
			if (end < 0) {
				return null;
			}
			String head = text.substring(0, end);
			int length = head.lines()
				.filter((line) -> line.toLowerCase(Locale.ROOT).startsWith("content-length:"))
				.mapToInt((line) -> Integer.parseInt(line.substring(15).strip()))
				.findFirst()
				.orElse(0);
			String body = text.substring(end + 4);
			return (body.getBytes(StandardCharsets.UTF_8).length < length) ? null
					: new Reply(Integer.parseInt(head.substring(9, 12)), head, body);
		}

	}

}
