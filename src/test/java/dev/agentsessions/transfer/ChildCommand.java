package dev.agentsessions.transfer;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

import dev.agentsessions.AgentSessionStore;

/**
 * A command in a process of its own, as its users run it.
 */
final class ChildCommand implements AutoCloseable {

	private final Process process;

	private final Path out;

	private final Path err;

	/** Starts it. */
	ChildCommand(Path directory, String databaseUrl, String heap, String... arguments) throws IOException {
		this.out = directory.resolve("stdout");
		this.err = directory.resolve("stderr");
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx" + heap,
						"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:+UnlockDiagnosticVMOptions",
						"-XX:-BytecodeVerificationRemote", "-cp", classPath(), AgentSessionStore.class.getName()));
		command.addAll(Arrays.asList(arguments));
		ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(this.out.toFile())
			.redirectError(this.err.toFile());
		builder.environment().put("DATABASE_URL", databaseUrl);
		this.process = builder.start();
	}

	/** Waits for its end. */
	int status() {
		return this.process.onExit().join().exitValue();
	}

	boolean isAlive() {
		return this.process.isAlive();
	}

	/** With SIGKILL: it has no chance to finish or to say anything. */
	void kill() {
		this.process.destroyForcibly().onExit().join();
	}

	String out() throws IOException {
		return Files.readString(this.out);
	}

	String err() throws IOException {
		return Files.readString(this.err);
	}

	@Override
	public void close() {
		this.process.destroyForcibly();
	}

	/** What the tests run on, but for the tests themselves. */
	private static String classPath() {
		return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
			.filter((entry) -> !entry.contains("test-classes"))
			.collect(Collectors.joining(File.pathSeparator));
	}

}
