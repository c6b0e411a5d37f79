package dev.agentsessions.exactness;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.agentsessions.AgentSessionStore;
import org.awaitility.Awaitility;

/**
 * One replica of the store as a process of its own, always on the same port. It does not
 * outlive the tests.
 */
final class Replica implements AutoCloseable {

	static final Path LOGS = Path.of("target", "exactness");

	/** As in the manifests of the cluster, which kills it after that. */
	private static final int GRACE_SECONDS = 35;

	private final String name;

	private final int port;

	private final Map<String, String> environment;

	private Process process;

	private Replica(String name, String databaseUrl, int buckets) throws IOException {
		this.name = name;
		this.port = Signals.freePort();
		this.environment = Map.of("DATABASE_URL", databaseUrl, "STORE_DATABASE_BUCKETS", Integer.toString(buckets));
		Files.deleteIfExists(log());
		this.process = launch();
		Runtime.getRuntime().addShutdownHook(new Thread(this::close));
	}

	/** Starts a replica and waits until it is ready. */
	static Replica start(String name, String databaseUrl) throws IOException {
		return start(name, databaseUrl, 1);
	}

	/** Starts one of a store with so many buckets and waits until it is ready. */
	static Replica start(String name, String databaseUrl, int buckets) throws IOException {
		Replica replica = new Replica(name, databaseUrl, buckets);
		replica.awaitReady();
		return replica;
	}

	/** Starts a replica. */
	static Replica begin(String name, String databaseUrl) throws IOException {
		return new Replica(name, databaseUrl, 1);
	}

	URI uri() {
		return URI.create("http://127.0.0.1:" + this.port);
	}

	int port() {
		return this.port;
	}

	/** With SIGKILL: it has no chance to finish or to say anything. */
	void kill() {
		this.process.destroyForcibly().onExit().join();
	}

	/**
	 * With SIGTERM, as a cluster does it before it takes a replica away: it may finish
	 * what it has begun, and has to be gone when this returns.
	 */
	void terminate() throws IOException {
		Signals.send("TERM", Stream.of(this.process.toHandle()));
		this.process.onExit().orTimeout(GRACE_SECONDS, TimeUnit.SECONDS).join();
	}

	/** Starts it again and waits until it is ready. */
	void restart() throws IOException {
		this.process = launch();
		awaitReady();
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
		this.process.destroyForcibly();
	}

	@Override
	public String toString() {
		return this.name;
	}

	private Process launch() throws IOException {
		Files.createDirectories(LOGS);
		ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-Xmx192m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:+UnlockDiagnosticVMOptions",
				"-XX:-BytecodeVerificationRemote", "-cp", classPath(), AgentSessionStore.class.getName(),
				"--server.port=" + this.port, "--spring.jmx.enabled=false", "--logging.level.liquibase=warn");
		builder.environment().putAll(this.environment);
		return builder.redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
			.start();
	}

	private Path log() {
		return LOGS.resolve(this.name + ".log");
	}

	void awaitReady() {
		StoreClient client = new StoreClient();
		Awaitility.await(this.name + " is ready, see " + log())
			.atMost(Duration.ofSeconds(90))
			.pollInterval(Duration.ofMillis(50))
			.ignoreExceptionsInstanceOf(IOException.class)
			.failFast(this.name + " has ended, see " + log(), () -> !this.process.isAlive())
			.until(() -> client.get(this, "/readyz").status() == 200);
	}

	/** What the tests run on, but for the tests themselves. */
	private static String classPath() {
		List<String> entries = Arrays.asList(System.getProperty("java.class.path").split(File.pathSeparator));
		return entries.stream()
			.filter((entry) -> !entry.contains("test-classes"))
			.collect(Collectors.joining(File.pathSeparator));
	}

}
