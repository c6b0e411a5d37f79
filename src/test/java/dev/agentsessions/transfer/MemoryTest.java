package dev.agentsessions.transfer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;

import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What moves may be larger than the memory.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class MemoryTest {

	private static final int MESSAGES = 5_000;

	/** So that all of them are more than the smaller heap. */
	private static final int LENGTH = 13_000;

	/**
	 * A command takes half of the smaller one without moving anything; H2 keeps pages of
	 * its file.
	 */
	private final String heap;

	private final String given;

	@TempDir
	private Path directory;

	MemoryTest(Engine engine) {
		this.heap = (engine == Engine.POSTGRESQL) ? "64m" : "128m";
		this.given = (engine == Engine.POSTGRESQL) ? TestStore.newDatabase(engine) : "";
	}

	@Test
	void aListThatIsAsLargeAsTheHeap() throws IOException, SQLException {
		OldFile old = LargeSources.list(this.directory, MESSAGES, LENGTH);
		assertThat(run("import", "--from", old.url())).contains("5,000");
	}

	@Test
	void aSessionThatIsAsLargeAsTheHeapInAndOutAndComparedWithItself() throws IOException, SQLException {
		OldFile old = LargeSources.sessions(this.directory, 1, MESSAGES, LENGTH);
		assertThat(run("import", "--from", old.url())).contains("5,000");
		Path file = this.directory.resolve("export.ndjson");
		run("export", "--to", file.toString());
		assertThat(Files.size(file)).isGreaterThan(62 << 20);
		assertThat(run("import", "--from", file.toString())).contains("Nothing had to be written");
	}

	private String run(String... arguments) throws IOException {
		String url = this.given.isEmpty() ? "h2:file:" + this.directory.resolve("store") : this.given;
		try (ChildCommand child = new ChildCommand(this.directory, url, this.heap, arguments)) {
			assertThat(child.status()).as(child.err()).isZero();
			return child.out();
		}
	}

}
