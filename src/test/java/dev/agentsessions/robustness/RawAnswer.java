package dev.agentsessions.robustness;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

import dev.agentsessions.robustness.RawRequest.Framing;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;

/**
 * What came back over a connection of its own.
 *
 * @param body without chunks; nothing of a stream of events, which would not end
 */
record RawAnswer(int status, HttpHeaders headers, byte[] body) {

	private static final int TIMEOUT_MILLIS = 20_000;

	/**
	 * Sends the request and reads its answer.
	 * @return null if there can be none, because the request was given up or the server
	 * hung up on one that was too large
	 */
	static @Nullable RawAnswer to(RawRequest request, int port) {
		try (Socket socket = new Socket("127.0.0.1", port)) {
			socket.setSoTimeout(TIMEOUT_MILLIS);
			try {
				socket.getOutputStream().write(request.bytes());
			}
			catch (SocketException ex) {
				// it has been answered before it was read as a whole
			}
			return (request.framing() == Framing.TOO_LONG) ? null : read(socket.getInputStream(), request.isHead());
		}
		catch (SocketException ex) {
			if (request.isLarge() || request.framing() != Framing.LENGTH) {
				return null;
			}
			throw new UncheckedIOException(request.toString(), ex);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(request.toString(), ex);
		}
	}

	private static RawAnswer read(InputStream in, boolean head) throws IOException {
		String first = line(in);
		int status = Integer.parseInt(first.split(" ")[1]);
		HttpHeaders headers = new HttpHeaders();
		for (String line = line(in); !line.isEmpty(); line = line(in)) {
			headers.add(line.substring(0, line.indexOf(':')), line.substring(line.indexOf(':') + 1).strip());
		}
		if (status < 200) {
			return read(in, head);
		}
		if (head || String.valueOf(headers.getFirst("Content-Type")).startsWith("text/event-stream")) {
			return new RawAnswer(status, headers, new byte[0]);
		}
		String length = headers.getFirst("Content-Length");
		byte[] body = (length != null) ? in.readNBytes(Integer.parseInt(length))
				: "chunked".equals(headers.getFirst("Transfer-Encoding")) ? chunks(in) : new byte[0];
		return new RawAnswer(status, headers, body);
	}

	private static byte[] chunks(InputStream in) throws IOException {
		ByteArrayOutputStream body = new ByteArrayOutputStream();
		for (int size = Integer.parseInt(line(in), 16); size > 0; size = Integer.parseInt(line(in), 16)) {
			body.writeBytes(in.readNBytes(size));
			line(in);
		}
		return body.toByteArray();
	}

	private static String line(InputStream in) throws IOException {
		StringBuilder line = new StringBuilder();
		for (int next = in.read(); next != '\n'; next = in.read()) {
			if (next < 0) {
				throw new SocketException("the connection ended");
			}
			line.append((char) next);
		}
		return line.toString().stripTrailing();
	}

	String text() {
		return new String(this.body, StandardCharsets.UTF_8);
	}

	@Override
	public String toString() {
		return "%d %s %.1000s".formatted(this.status, this.headers, text());
	}

}
