package dev.agentsessions.client;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The real service, started once for all tests on a free port, with a database of its own
 * that goes when they end.
 */
public final class Service {

	private static final Pattern PORT = Pattern.compile("Netty started on port (\\d+)");

	private static final long START_TIMEOUT = 120; // seconds

	private static final CompletableFuture<Service> started = new CompletableFuture<>();

	private static boolean starting;

	private final Process process;

	private final Path directory;

	private final String url;

	private Service() throws IOException {
		File jar = new File(System.getProperty("store.jar"));
		if (!jar.isFile()) {
			throw new IOException(jar + " is missing: run ./mvnw package -DskipTests first");
		}
		this.directory = Files.createTempDirectory("agent-session-store-");
		ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-jar", jar.getCanonicalPath());
		builder.directory(this.directory.toFile()).redirectErrorStream(true);
		// what could send the service to another database than the temporary one
		List<String> foreign = List.of("STORE_", "SPRING_", "SERVER_", "DATABASE_", "MANAGEMENT_", "JAVA_TOOL_OPTIONS");
		builder.environment().keySet().removeIf((name) -> foreign.stream().anyMatch(name::startsWith));
		builder.environment()
			.putAll(Map.of("SERVER_PORT", "0", "MANAGEMENT_SERVER_PORT", "0", "STORE_RETENTION_ENABLED", "false"));
		this.process = builder.start();
		Runtime.getRuntime().addShutdownHook(new Thread(this::stop));
		this.url = "http://127.0.0.1:" + port();
	}

	/** Where it is, once it takes requests. */
	public static synchronized String url() {
		if (!starting) {
			starting = true;
			try {
				started.complete(new Service());
			}
			catch (IOException ex) {
				started.completeExceptionally(ex);
			}
		}
		return started.join().url;
	}

	private int port() throws IOException {
		CompletableFuture<Void> limit = CompletableFuture.runAsync(this.process::destroyForcibly,
				CompletableFuture.delayedExecutor(START_TIMEOUT, TimeUnit.SECONDS));
		StringJoiner log = new StringJoiner("\n");
		BufferedReader lines = new BufferedReader(
				new InputStreamReader(this.process.getInputStream(), StandardCharsets.UTF_8));
		int port = 0;
		for (String line = lines.readLine(); line != null; line = lines.readLine()) {
			log.add(line);
			Matcher found = PORT.matcher(line);
			if (port == 0 && found.find()) { // the next one is that of health and metrics
				port = Integer.parseInt(found.group(1));
			}
			if (port != 0 && line.contains("Started AgentSessionStore")) {
				limit.cancel(false);
				Thread reader = new Thread(() -> keep(lines.lines()));
				reader.setDaemon(true);
				reader.start();
				return port;
			}
		}
		throw new IOException("The service did not start:\n" + log);
	}

	private static void keep(Stream<String> lines) {
		try (PrintWriter log = new PrintWriter("target/service.log", StandardCharsets.UTF_8)) {
			lines.forEach((line) -> {
				log.println(line);
				log.flush();
			});
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void stop() {
		this.process.destroy();
		try (Stream<Path> files = Files.walk(this.directory)) {
			if (!this.process.waitFor(20, TimeUnit.SECONDS)) {
				this.process.destroyForcibly();
			}
			files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
