package dev.agentsessions.client;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

import org.jspecify.annotations.Nullable;

/**
 * Something between client and service that does what networks do. Each connection takes
 * the first step of the plan, if there is one; otherwise it goes through.
 */
final class Proxy implements Closeable {

	/** The connection ends before the service hears of it. */
	static final Step LOSE_REQUEST = new Step(0, null, false);

	/** The service does the work, and the connection ends. */
	static final Step LOSE_ANSWER = new Step(0, null, true);

	/** What happens to a connection. */
	record Step(int bytes, @Nullable String answer, boolean reaches) {

	}

	/** It ends after so many bytes of the answer. */
	static Step cutAfter(int bytes) {
		return new Step(bytes, null, true);
	}

	/** This is the answer, then it ends. */
	static Step answer(String status, String headers, String body) {
		return new Step(0, "HTTP/1.1 " + status + "\r\nConnection: close\r\n" + headers + "\r\n" + body, false);
	}

	static Step busy() {
		return answer("503 Service Unavailable", "Content-Type: application/problem+json\r\nRetry-After: 0\r\n",
				"{\"type\":\"/problems/busy\",\"title\":\"The store is busy\",\"status\":503,\"detail\":\"The queue is full.\"}");
	}

	private final ServerSocket server;

	private final URI target;

	private final Queue<Step> plan = new ConcurrentLinkedQueue<>();

	private final List<String> heads = new CopyOnWriteArrayList<>();

	private final List<Socket> open = new CopyOnWriteArrayList<>();

	Proxy(String target) {
		try {
			this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.target = URI.create(target);
		start(this::accept);
	}

	String url() {
		return "http://127.0.0.1:" + this.server.getLocalPort();
	}

	Proxy plan(Step... steps) {
		this.plan.addAll(List.of(steps));
		return this;
	}

	/** From now on everything goes through. */
	void heal() {
		this.plan.clear();
	}

	/** The first lines of the requests, one for each connection. */
	List<String> requests() {
		return this.heads.stream().map((head) -> head.substring(0, head.indexOf(" HTTP/1.1"))).toList();
	}

	/** The values of a header, one for each connection; empty where it is not there. */
	List<String> headers(String name) {
		return this.heads.stream()
			.map((head) -> head.lines()
				.filter((line) -> line.toLowerCase().startsWith(name.toLowerCase() + ": "))
				.map((line) -> line.substring(name.length() + 2))
				.findFirst()
				.orElse(""))
			.toList();
	}

	/** All connections break now. */
	void cut() {
		for (Socket socket : this.open) {
			// from now on nothing that it still gets goes through
			this.open.remove(socket);
			reset(socket);
		}
	}

	private void accept() throws IOException {
		while (true) {
			Socket client = this.server.accept();
			client.setTcpNoDelay(true);
			this.open.add(client);
			Step step = this.plan.poll();
			start(() -> serve(client, step));
		}
	}

	private void serve(Socket client, @Nullable Step step) throws IOException {
		byte[] head = head(client.getInputStream());
		this.heads.add(new String(head, StandardCharsets.UTF_8));
		if (step != null && !step.reaches()) {
			if (step.answer() != null) {
				client.getOutputStream().write(step.answer().getBytes(StandardCharsets.UTF_8));
				client.shutdownOutput();
				client.getInputStream().transferTo(OutputStream.nullOutputStream());
			}
			client.close();
			return;
		}
		try (Socket service = new Socket(this.target.getHost(), this.target.getPort())) {
			service.setTcpNoDelay(true);
			service.getOutputStream().write(head);
			start(() -> {
				try {
					client.getInputStream().transferTo(new Relay(client, service.getOutputStream()));
				}
				finally {
					reset(service);
				}
			});
			if (step == null) {
				service.getInputStream().transferTo(new Relay(client, client.getOutputStream()));
				client.close();
			}
			else {
				byte[] some = service.getInputStream().readNBytes(Math.max(step.bytes(), 1));
				client.getOutputStream().write(some, 0, step.bytes());
				client.close();
			}
		}
	}

	private static byte[] head(InputStream in) throws IOException {
		StringBuilder head = new StringBuilder();
		while (head.indexOf("\r\n\r\n") < 0) {
			int each = in.read();
			if (each < 0) {
				throw new IOException("no request");
			}
			head.append((char) each);
		}
		return head.toString().getBytes(StandardCharsets.ISO_8859_1);
	}

	private static void reset(Socket socket) {
		try {
			socket.setSoLinger(true, 0);
			socket.close();
		}
		catch (IOException ex) {
			// it was closed
		}
	}

	@Override
	public void close() {
		cut();
		try {
			this.server.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void start(Work work) {
		Thread thread = new Thread(() -> {
			try {
				work.run();
			}
			catch (IOException ex) {
				// the connection is gone
			}
		});
		thread.setDaemon(true);
		thread.start();
	}

	private interface Work {

		void run() throws IOException;

	}

	/** Passes on at once, until the connection is cut. */
	private final class Relay extends OutputStream {

		private final Socket client;

		private final OutputStream target;

		Relay(Socket client, OutputStream target) {
			this.client = client;
			this.target = target;
		}

		@Override
		public void write(int each) throws IOException {
			write(new byte[] { (byte) each }, 0, 1);
		}

		@Override
		public void write(byte[] bytes, int offset, int length) throws IOException {
			if (!Proxy.this.open.contains(this.client)) {
				throw new IOException("cut");
			}
			this.target.write(bytes, offset, length);
			this.target.flush();
		}

	}

}
