package dev.agentsessions.exactness;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import dev.agentsessions.database.connect.DatabaseUrl;
import io.zonky.test.db.postgres.util.LinuxUtils;
import org.awaitility.Awaitility;

/**
 * PgBouncer in front of the database, where it is installed.
 */
final class Pooler implements AutoCloseable {

	/** Debian installs it where users do not look. */
	private static final List<Path> PLACES = Stream
		.concat(Stream.of(System.getenv("PATH").split(File.pathSeparator)), Stream.of("/usr/sbin"))
		.map((folder) -> Path.of(folder, "pgbouncer"))
		.toList();

	/** Which every client in Java sends. */
	private static final String IGNORED = "extra_float_digits";

	private final int port = Signals.freePort();

	private final Path configuration;

	private Process process;

	private Pooler(DatabaseUrl database, String mode, String ignored) throws IOException {
		Files.createDirectories(Replica.LOGS);
		this.configuration = Replica.LOGS.resolve("pgbouncer.ini").toAbsolutePath();
		Files.writeString(this.configuration, """
				[databases]
				* = host=%s port=%d user=%s password=%s
				[pgbouncer]
				listen_addr = 127.0.0.1
				listen_port = %d
				unix_socket_dir =
				auth_type = any
				pool_mode = %s
				max_client_conn = 500
				default_pool_size = 100
				ignore_startup_parameters = %s
				""".formatted(database.host(), database.port(), database.username(), database.password(), this.port,
				mode, ignored));
		launch();
	}

	static boolean isInstalled() {
		return PLACES.stream().anyMatch(Files::isExecutable);
	}

	/** With a server connection for each of the store's ("session" mode). */
	static Pooler start(String databaseUrl) throws IOException {
		return start(databaseUrl, "session");
	}

	/**
	 * Another one.
	 * @param mode how long the store keeps a server connection: for a "session", a
	 * "transaction" or a "statement"
	 */
	static Pooler start(String databaseUrl, String mode) throws IOException {
		return new Pooler(DatabaseUrl.parse(databaseUrl), mode, IGNORED);
	}

	/** In session mode, and as it is installed: it refuses what it does not know. */
	static Pooler startStrict(String databaseUrl) throws IOException {
		return new Pooler(DatabaseUrl.parse(databaseUrl), "session", "");
	}

	int port() {
		return this.port;
	}

	/** The URL of a database behind it. */
	String url(String databaseUrl) {
		return databaseUrl.replaceFirst("@[^/]+", "@127.0.0.1:" + this.port);
	}

	/** Ends it as it stands, and starts it again. */
	void killAndRestart() throws IOException {
		close();
		launch();
	}

	/** Stops it where it is; the kernel goes on accepting connections. */
	void pause() throws IOException {
		Signals.send("STOP", Stream.of(this.process.toHandle()));
	}

	void resume() throws IOException {
		Signals.send("CONT", Stream.of(this.process.toHandle()));
	}

	@Override
	public void close() {
		this.process.destroyForcibly().onExit().join();
	}

	private void launch() throws IOException {
		// it refuses to run as root, and believes what it is told here
		List<String> command = new ArrayList<>(LinuxUtils.isUnshareAvailable() ? List.of("unshare", "-U") : List.of());
		command.add(PLACES.stream().filter(Files::isExecutable).findFirst().orElseThrow().toString());
		command.add(this.configuration.toString());
		this.process = new ProcessBuilder(command).redirectErrorStream(true)
			.redirectOutput(
					ProcessBuilder.Redirect.appendTo(this.configuration.resolveSibling("pgbouncer.log").toFile()))
			.start();
		Awaitility.await("PgBouncer accepts connections")
			.ignoreExceptionsInstanceOf(IOException.class)
			.failFast("PgBouncer has ended, see " + Replica.LOGS, () -> !this.process.isAlive())
			.until(this::accepts);
	}

	private boolean accepts() throws IOException {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.port)) {
			return socket.isConnected();
		}
	}

}
