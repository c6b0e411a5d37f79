package dev.agentsessions.transfer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;

import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What moves may be larger than the memory. Not on H2, which is in the same process and
 * keeps pages of its file.
 */
class MemoryIT {

	private static final int MESSAGES = 5_000;

	/** So that all of them are more than the heap. */
	private static final int LENGTH = 13_000;

	/** A command takes half of it without moving anything. */
	private static final String HEAP = "64m";

	private final String database = TestStore.newDatabase(Engine.POSTGRESQL);

	@TempDir
	private Path directory;

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
		try (ChildCommand child = new ChildCommand(this.directory, this.database, HEAP, arguments)) {
			assertThat(child.status()).as(child.err()).isZero();
			return child.out();
		}
	}

}
