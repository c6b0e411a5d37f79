package dev.agentsessions.exactness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import io.zonky.test.db.postgres.util.LinuxUtils;
import org.awaitility.Awaitility;

/**
 * A server of this test's own, from the binaries that come from Maven. It syncs to the
 * disk as in production: what it has committed survives a crash, and takes its time.
 */
final class OwnPostgres implements TestedDatabase {

	/** PostgreSQL refuses to run as root, and believes what it is told here. */
	private static final List<String> AS_NOBODY = List.of("unshare", "-U");

	private final Path data;

	private final int port;

	private final EmbeddedPostgres server;

	/** With which the server was started. */
	private final List<String> commandLine;

	private OwnPostgres(Path data) throws IOException {
		this.data = data;
		this.port = Signals.freePort();
		this.server = EmbeddedPostgres.builder()
			.setPort(this.port)
			.setDataDirectory(this.data)
			.setCleanDataDirectory(false)
			.setErrorRedirector(log())
			.setOutputRedirector(log())
			.setServerConfig("max_connections", "200")
			// PostgreSQL's own defaults; EmbeddedPostgres turns both off, and then a
			// crash loses what was committed
			.setServerConfig("synchronous_commit", "on")
			.setServerConfig("fsync", "on")
			.start();
		ProcessHandle.Info postmaster = postmaster().info();
		this.commandLine = new ArrayList<>(List.of(postmaster.command().orElseThrow()));
		this.commandLine.addAll(List.of(postmaster.arguments().orElseThrow()));
	}

	static boolean isPossible() {
		return OwnPostgres.class.getResource("/postgres-linux-x86_64.txz") != null
				&& System.getProperty("os.name").equals("Linux") && System.getProperty("os.arch").equals("amd64");
	}

	static OwnPostgres start() throws IOException {
		Path logs = Files.createDirectories(Replica.LOGS);
		return new OwnPostgres(Files.createTempDirectory(logs, "postgres"));
	}

	@Override
	public String url() {
		return "postgresql://postgres:postgres@127.0.0.1:" + this.port + "/postgres";
	}

	@Override
	public void crash() throws IOException {
		stop();
		restart();
	}

	/** As <code>pg_ctl stop -m immediate</code>: no checkpoint, no goodbye. */
	void stop() throws IOException {
		ProcessHandle postmaster = postmaster();
		Signals.send("QUIT", Stream.of(postmaster));
		postmaster.onExit().join();
	}

	/** Recovers from the log; returns once the server accepts connections. */
	void restart() throws IOException {
		List<String> command = new ArrayList<>(LinuxUtils.isUnshareAvailable() ? AS_NOBODY : List.of());
		command.addAll(this.commandLine);
		new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log()).start();
		Awaitility.await("PostgreSQL accepts connections, see " + Replica.LOGS)
			.atMost(Duration.ofSeconds(30))
			.pollInterval(Duration.ofMillis(20))
			.ignoreExceptions()
			.until(() -> !query("select 1", (row) -> row.getInt(1)).isEmpty());
	}

	/** As {@link #restart}, as a server that follows another one and takes no writes. */
	void restartAsStandby() throws IOException {
		Files.createFile(this.data.resolve("standby.signal"));
		restart();
	}

	/** Ends its being a standby. */
	void promote() throws SQLException {
		query("select pg_promote()", (row) -> row.getBoolean(1));
	}

	/** Stops all processes of the server where they are; the kernel goes on accepting. */
	void freeze() throws IOException {
		// first the one that starts others: nobody is missed then
		ProcessHandle postmaster = postmaster();
		Signals.send("STOP", Stream.of(postmaster));
		Signals.send("STOP", postmaster.descendants());
	}

	void thaw() throws IOException {
		ProcessHandle postmaster = postmaster();
		Signals.send("CONT", Stream.concat(Stream.of(postmaster), postmaster.descendants()));
	}

	@Override
	public void close() throws IOException {
		if (Files.exists(pidFile())) {
			thaw();
		}
		this.server.close();
		try (Stream<Path> files = Files.walk(this.data)) {
			for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
				Files.delete(file);
			}
		}
	}

	/** Not the process that was started: that was its parent, and is gone. */
	private ProcessHandle postmaster() throws IOException {
		return ProcessHandle.of(Long.parseLong(Files.readAllLines(pidFile()).get(0))).orElseThrow();
	}

	private Path pidFile() {
		return this.data.resolve("postmaster.pid");
	}

	private static ProcessBuilder.Redirect log() {
		return ProcessBuilder.Redirect.appendTo(Replica.LOGS.resolve("postgres.log").toFile());
	}

}
