package dev.agentsessions.robustness;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A request as bytes, which need not be a legal one.
 *
 * @param target path and query as they are sent
 * @param headers whole lines, without the end of line
 * @param tame whether method, path and headers are still those of the operation
 */
record RawRequest(String method, String target, List<String> headers, byte[] body, Framing framing, boolean tame) {

	boolean isHead() {
		return this.method.equals("HEAD");
	}

	/** Whether the server may hang up before it has read all of it. */
	boolean isLarge() {
		return this.target.length() > 4000 || this.headers.stream().anyMatch((line) -> line.length() > 4000)
				|| this.body.length > 200_000;
	}

	byte[] bytes() {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		StringBuilder head = new StringBuilder(
				this.method + " " + this.target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
		this.headers.forEach((line) -> head.append(line).append("\r\n"));
		switch (this.framing) {
			case LENGTH -> head.append("Content-Length: ").append(this.body.length).append("\r\n");
			case TOO_LONG -> head.append("Content-Length: ").append(this.body.length + 10).append("\r\n");
			case TOO_SHORT -> head.append("Content-Length: ").append(this.body.length / 2).append("\r\n");
			case CHUNKED, BAD_CHUNK -> head.append("Transfer-Encoding: chunked\r\n");
			case NONE -> {
			}
		}
		bytes.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
		switch (this.framing) {
			case CHUNKED, BAD_CHUNK -> {
				int half = this.body.length / 2;
				chunk(bytes, 0, half);
				chunk(bytes, half, this.body.length);
				bytes.writeBytes(((this.framing == Framing.CHUNKED) ? "0\r\n\r\n" : "xyz\r\n")
					.getBytes(StandardCharsets.US_ASCII));
			}
			case NONE -> {
			}
			default -> bytes.writeBytes(this.body);
		}
		return bytes.toByteArray();
	}

	private void chunk(ByteArrayOutputStream bytes, int from, int to) {
		if (to > from) {
			bytes.writeBytes((Integer.toHexString(to - from) + "\r\n").getBytes(StandardCharsets.US_ASCII));
			bytes.write(this.body, from, to - from);
			bytes.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
		}
	}

	@Override
	public String toString() {
		String text = new String(this.body, StandardCharsets.UTF_8);
		return "%s %.500s %.500s %s %.500s".formatted(this.method, this.target, this.headers, this.framing, text);
	}

	/** How the server is told where the body ends. */
	enum Framing {

		NONE, LENGTH, CHUNKED, BAD_CHUNK, TOO_LONG, TOO_SHORT

	}

}
