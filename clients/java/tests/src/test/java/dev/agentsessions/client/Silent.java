package dev.agentsessions.client;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Takes connections and requests, and says nothing.
 */
final class Silent implements Closeable {

	private final ServerSocket server;

	private final CompletableFuture<Void> request = new CompletableFuture<>();

	private final CompletableFuture<Void> end = new CompletableFuture<>();

	Silent() {
		try {
			this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		Thread thread = new Thread(this::listen);
		thread.setDaemon(true);
		thread.start();
	}

	String url() {
		return "http://127.0.0.1:" + this.server.getLocalPort();
	}

	void awaitRequest() {
		this.request.orTimeout(60, TimeUnit.SECONDS).join();
	}

	/** Until the client has closed the connection. */
	void awaitEnd() {
		this.end.orTimeout(60, TimeUnit.SECONDS).join();
	}

	private void listen() {
		try (Socket client = this.server.accept()) {
			client.getInputStream().read();
			this.request.complete(null);
			client.getInputStream().transferTo(OutputStream.nullOutputStream());
			this.end.complete(null);
		}
		catch (IOException ex) {
			this.end.complete(null);
		}
	}

	@Override
	public void close() {
		try {
			this.server.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
