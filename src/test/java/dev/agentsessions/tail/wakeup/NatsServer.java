package dev.agentsessions.tail.wakeup;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.awaitility.Awaitility;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * NATS on a port of its own, where it is installed. It may be killed, and started again
 * on the same port.
 */
public final class NatsServer implements AutoCloseable {

	/** Debian installs it where users do not look. */
	private static final List<Path> PLACES = Stream
		.concat(Stream.of(System.getenv("PATH").split(File.pathSeparator)), Stream.of("/usr/sbin"))
		.map((folder) -> Path.of(folder, "nats-server"))
		.toList();

	private final int port;

	private final List<String> options;

	private Process process;

	private NatsServer(List<String> options) throws IOException {
		try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			this.port = free.getLocalPort();
		}
		this.options = options;
	}

	/**
	 * One that does not run yet; skips the test where NATS is not installed.
	 * @param options of its command line
	 */
	public static NatsServer absent(String... options) throws IOException {
		assumeTrue(PLACES.stream().anyMatch(Files::isExecutable), "needs nats-server");
		return new NatsServer(List.of(options));
	}

	/** The same, and starts it. */
	public static NatsServer start(String... options) throws IOException {
		NatsServer server = absent(options);
		server.launch();
		return server;
	}

	/** Returns when it takes connections. */
	public void launch() throws IOException {
		Path program = PLACES.stream().filter(Files::isExecutable).findFirst().orElseThrow();
		List<String> command = Stream
			.concat(Stream.of(program.toString(), "-a", "127.0.0.1", "-p", Integer.toString(this.port)),
					this.options.stream())
			.toList();
		this.process = new ProcessBuilder(command).redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.DISCARD)
			.start();
		Awaitility.await("NATS").ignoreExceptions().until(() -> {
			try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.port)) {
				return socket.getInputStream().read() == 'I';
			}
		});
	}

	public int port() {
		return this.port;
	}

	public String url() {
		return "nats://127.0.0.1:" + this.port;
	}

	public void kill() throws InterruptedException {
		this.process.destroyForcibly().waitFor();
	}

	/** It is there and says nothing: no error would tell. */
	public void freeze() throws IOException, InterruptedException {
		signal("STOP");
	}

	public void thaw() throws IOException, InterruptedException {
		signal("CONT");
	}

	private void signal(String name) throws IOException, InterruptedException {
		new ProcessBuilder("kill", "-" + name, Long.toString(this.process.pid())).start().waitFor();
	}

	@Override
	public void close() throws InterruptedException {
		if (this.process != null) {
			kill();
		}
	}

}
