package dev.agentsessions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The tests of the clients, run by the tools of their languages against the jar that was
 * just built. A language that is not installed is skipped by its script, which says so.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the scripts are for a shell")
class ClientsIT {

	@ParameterizedTest
	@ValueSource(strings = { "java", "python", "typescript" })
	void passTheirTests(String client) throws IOException, InterruptedException {
		Path log = Path.of("target", "failsafe-reports", "client-" + client + ".txt");
		Files.createDirectories(log.getParent());
		ProcessBuilder builder = new ProcessBuilder("sh", Path.of("clients", client, "run-tests").toString())
			.redirectErrorStream(true)
			.redirectOutput(log.toFile());
		builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
		Process tests = builder.start();
		boolean ended = tests.waitFor(10, TimeUnit.MINUTES);
		tests.destroyForcibly();
		String said = Files.readString(log);
		System.out.println(said);
		assertThat(ended && tests.exitValue() == 0).as("The tests of clients/%s pass; they said:%n%s", client, said)
			.isTrue();
	}

}
