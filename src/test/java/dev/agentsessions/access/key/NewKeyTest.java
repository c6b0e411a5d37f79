package dev.agentsessions.access.key;

import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

import dev.agentsessions.Commands;
import dev.agentsessions.access.Caller;
import dev.agentsessions.access.Role;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class NewKeyTest {

	private final ByteArrayOutputStream out = new ByteArrayOutputStream();

	private final ByteArrayOutputStream err = new ByteArrayOutputStream();

	@Test
	void printsAKeyAndTheLineThatLetsItIn() {
		assertThat(run("new-key --tenant acme --role admin")).isZero();
		List<String> lines = this.out.toString(StandardCharsets.UTF_8).lines().toList();
		String key = lines.get(1);
		assertThat(key).matches("ags_[A-Za-z0-9_-]{43}");
		assertThat(ApiKeyFile.parse(lines.get(3).getBytes(StandardCharsets.UTF_8)))
			.containsEntry(Hash.of(key), new Caller("acme", Role.ADMIN))
			.hasSize(1);
		assertThat(this.err.size()).isZero();
	}

	@Test
	void everyKeyIsAnother() {
		run("new-key --role user --tenant acme");
		String first = this.out.toString(StandardCharsets.UTF_8);
		this.out.reset();
		run("new-key --role user --tenant acme");
		assertThat(this.out.toString(StandardCharsets.UTF_8).lines()).hasSameSizeAs(first.lines().toList())
			.isNotEqualTo(first.lines().toList());
	}

	@ParameterizedTest
	@ValueSource(strings = { "new-key", "new-key --tenant acme", "new-key --tenant acme --role root",
			"new-key --tenant acme --role user --role admin", "new-key --tenant ~purged --role user",
			"new-key --role user --tenant", "new-key acme user" })
	void saysWhatIsWrongAndPrintsNoKey(String command) {
		assertThat(run(command)).isEqualTo(2);
		assertThat(this.out.size()).isZero();
		assertThat(this.err.toString(StandardCharsets.UTF_8))
			.contains("See java -jar agent-session-store.jar new-key --help.");
	}

	private int run(String command) {
		return Commands.line(new NewKey())
			.setOut(new PrintWriter(this.out, true, StandardCharsets.UTF_8))
			.setErr(new PrintWriter(this.err, true, StandardCharsets.UTF_8))
			.execute(command.split(" "));
	}

}
