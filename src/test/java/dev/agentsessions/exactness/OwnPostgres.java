package dev.agentsessions.exactness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/**
 * A server of this test's own, from the binaries that come from Maven. It syncs to the
 * disk as in production, so that commits take their time.
 */
final class OwnPostgres implements TestedDatabase {

	private final Path data;

	private final int port;

	private EmbeddedPostgres server;

	private OwnPostgres(Path data) throws IOException {
		this.data = data;
		this.port = Signals.freePort();
		this.server = startServer();
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
		Process postmaster = this.server.getProcess();
		Signals.send("QUIT", Stream.of(postmaster.toHandle()));
		postmaster.onExit().join();
	}

	/** Recovers from the log; returns once the server accepts connections. */
	void restart() throws IOException {
		this.server.close(); // lets go of the data directory
		this.server = startServer();
	}

	/** Stops all processes of the server where they are; the kernel goes on accepting. */
	void freeze() throws IOException {
		// first the one that starts others: nobody is missed then
		Signals.send("STOP", Stream.of(this.server.getProcess().toHandle()));
		Signals.send("STOP", this.server.getProcess().descendants());
	}

	void thaw() throws IOException {
		ProcessHandle postmaster = this.server.getProcess().toHandle();
		Signals.send("CONT", Stream.concat(Stream.of(postmaster), postmaster.descendants()));
	}

	@Override
	public void close() throws IOException {
		if (this.server.getProcess().isAlive()) {
			thaw();
			stop();
		}
		this.server.close();
		try (Stream<Path> files = Files.walk(this.data)) {
			for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
				Files.delete(file);
			}
		}
	}

	private EmbeddedPostgres startServer() throws IOException {
		ProcessBuilder.Redirect log = ProcessBuilder.Redirect
			.appendTo(this.data.resolveSibling("postgres.log").toFile());
		return EmbeddedPostgres.builder()
			.setPort(this.port)
			.setDataDirectory(this.data)
			.setCleanDataDirectory(false)
			.setErrorRedirector(log)
			.setOutputRedirector(log)
			.setServerConfig("max_connections", "200")
			.start();
	}

}
