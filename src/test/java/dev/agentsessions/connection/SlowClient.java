package dev.agentsessions.connection;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

import dev.agentsessions.TestStore;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A client that sends and receives as it likes.
 */
final class SlowClient implements AutoCloseable {

	private final Socket socket = new Socket();

	SlowClient(TestStore store) throws IOException {
		this.socket.setReceiveBufferSize(4096);
		this.socket.setSoTimeout(10_000);
		this.socket.connect(new InetSocketAddress("127.0.0.1", store.port()));
	}

	void send(String text) throws IOException {
		this.socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
	}

	/** Sends the text again and again; whether the other side hung up in time. */
	boolean trickle(String text, Duration longest) {
		long end = System.nanoTime() + longest.toNanos();
		try {
			while (System.nanoTime() < end && this.socket.getInputStream().available() == 0) {
				send(text);
				pause(Duration.ofMillis(50));
			}
			return false;
		}
		catch (IOException ex) {
			return true;
		}
	}

	void slowly(int times, String text, Duration apart) throws IOException {
		for (int i = 0; i < times; i++) {
			send(text);
			pause(apart);
		}
	}

	/** Everything up to this text, which has to come. */
	String awaitText(String text) throws IOException {
		StringBuilder read = new StringBuilder();
		while (read.indexOf(text) < 0) {
			int next = this.socket.getInputStream().read();
			assertThat(next).as(read.toString()).isNotNegative();
			read.append((char) next);
		}
		return read.toString();
	}

	/** Everything until the other side hangs up. */
	String rest() throws IOException {
		try {
			return new String(this.socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (SocketException ex) {
			return "";
		}
	}

	/** What comes, up to the end or so many bytes, even if a reset comes after it. */
	String head(int most) throws IOException {
		StringBuilder text = new StringBuilder();
		try {
			while (text.length() < most && !text.toString().endsWith("}")) {
				int next = this.socket.getInputStream().read();
				if (next < 0) {
					break;
				}
				text.append((char) next);
			}
		}
		catch (SocketException ex) {
			// it was hung up on with a part of the request unread
		}
		return text.toString();
	}

	/** A slow client is slow: there is nothing to wait for but time. */
	static void pause(Duration time) {
		LockSupport.parkNanos(time.toNanos());
	}

	@Override
	public void close() throws IOException {
		this.socket.close();
	}

}
