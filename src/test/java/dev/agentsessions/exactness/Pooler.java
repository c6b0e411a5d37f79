package dev.agentsessions.exactness;

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
 * PgBouncer in front of the database, with a server connection for each of the store's
 * ("session" mode), where it is installed.
 */
final class Pooler implements AutoCloseable {

	private static final List<Path> PLACES = List.of(Path.of("/usr/sbin/pgbouncer"), Path.of("/usr/bin/pgbouncer"),
			Path.of("/usr/local/bin/pgbouncer"));

	private final int port = Signals.freePort();

	private final Path configuration;

	private Process process;

	private Pooler(DatabaseUrl database) throws IOException {
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
				pool_mode = session
				max_client_conn = 500
				default_pool_size = 100
				ignore_startup_parameters = extra_float_digits, statement_timeout, lock_timeout, %s
				""".formatted(database.host(), database.port(), database.username(), database.password(), this.port,
				"idle_in_transaction_session_timeout, search_path"));
		launch();
	}

	static boolean isInstalled() {
		return PLACES.stream().anyMatch(Files::isExecutable);
	}

	static Pooler start(String databaseUrl) throws IOException {
		return new Pooler(DatabaseUrl.parse(databaseUrl));
	}

	int port() {
		return this.port;
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
