package dev.agentsessions.transfer.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.UUID;
import java.util.stream.Stream;

import dev.agentsessions.Commands;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.connect.DatabaseUrl;
import dev.agentsessions.database.connect.JdbcConnections;
import dev.agentsessions.transfer.Command;
import dev.agentsessions.transfer.OldFile;
import dev.agentsessions.transfer.store.StoreTables;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What can be asked of the commands, and what is said about the rest.
 */
class ArgumentsIT {

	@TempDir
	private Path directory;

	private final String store = "h2:mem:" + UUID.randomUUID();

	@ParameterizedTest
	@ValueSource(strings = { "import", "import --from", "import --from=", "import --from --dry-run",
			"import --from a --from b", "import --from a --to b", "import --from a extra",
			"import --from a --dry-run=yes", "import --from a --zone Mars", "export", "export --from a",
			"export --to a --dry-run", "imprt --from a", "import --from mysql://h/d", "import --from sqlite://",
			"import --from sqlite:///:memory:", "import --from postgresql://user:sekret@/x",
			"import --from postgresql://u:p@h/d?x=1", "import --from sqlite:///x.db --tenant=",
			"import --from sqlite:///x.db --tenant ~purged", "import --from sqlite:///x.db --tenant a/b",
			"import --from x.ndjson --tenant acme", "import --from - --zone UTC" })
	void wrongArgumentsAreStatusTwoInOneLine(String line) {
		Command done = Command.run(this.store, line.split(" ")).expect(2);
		assertThat(done.err()).contains(". See java -jar agent-session-store.jar").doesNotContain("sekret");
		assertThat(done.err().lines()).hasSize(1);
		assertThat(done.out()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "--help", "-h", "help" })
	void helpNamesTheCommandsAndThatNoneStartsTheService(String line) {
		assertThat(Command.run(this.store, line).expect(0).text()).contains("Without a command it starts the service",
				"import", "export", "--version");
	}

	@Test
	void theHelpOfACommandNamesItsOptions() {
		assertThat(Command.run(this.store, "import", "--help").expect(0).text()).contains("--from=URL|FILE|-",
				"--dry-run", "--rejects=FILE", "--zone=ZONE", "--tenant=NAME", "Exit status: 0");
		assertThat(Command.run(this.store, "export", "-h").expect(0).text()).contains("--to=FILE|-");
	}

	@Test
	void theVersionIsPrinted() {
		assertThat(Command.run(this.store, "--version").expect(0).text()).startsWith("agent-session-store ");
	}

	@Test
	void whatIsUnknownIsNamedWithTheNearest() {
		assertThat(Command.run(this.store, "imprt").expect(2).err()).startsWith("There is no command imprt");
		assertThat(Command.run(this.store, "--foo").expect(2).err()).startsWith("There is no option --foo");
		assertThat(Command.run(this.store, "import", "--form=x").expect(2).err()).contains("--fr");
	}

	@Test
	void foldersAreNoFiles() {
		String folder = this.directory.toString();
		assertThat(Command.run(this.store, "import", "--from", folder).expect(1).err())
			.contains(folder + " is a folder");
		assertThat(Command.run("h2:file:/no/such/store", "export", "--to", folder).expect(1).err())
			.contains("Failed: " + folder + " is a folder; --to must name a file.")
			.doesNotContain("imported");
		assertThat(Command.run("h2:file:/no/such/store", "export", "--to", folder + "/none/file").expect(1).err())
			.contains("There is no folder " + folder + "/none; create it first")
			.doesNotContain("imported");
	}

	@Test
	void anExportGoesWhereALinkLeads() throws IOException {
		Path file = Files.writeString(this.directory.resolve("file"), "older");
		Path link = Files.createSymbolicLink(this.directory.resolve("link"), file);
		String database = TestStore.newDatabase(Engine.H2);
		TestStore.start(database).close();
		Command.run(database, "export", "--to", link.toString()).expect(0);
		assertThat(link).isSymbolicLink().hasSameTextualContentAs(file);
		assertThat(file).content().startsWith("{");
	}

	@Test
	void settingsAreForTheService() {
		assertThat(Stream.of("--server.port=1", "--store.lanes.writers=1", "--spring.main.banner-mode=off",
				"--logging.level.root=warn", "--management.server.port=1"))
			.allMatch(Commands::isSetting);
		assertThat(Stream.of("--foo", "--foo.bar=1", "import", "--from=--server.port=1", "--server=1"))
			.noneMatch(Commands::isSetting);
	}

	@ParameterizedTest
	@ValueSource(strings = { "import --from sqlite:////no/such/file.db", "import --from no-such-file.ndjson",
			"import --from postgresql://nobody:sekret@127.0.0.1:1/db", "export --to /no/such/directory/file",
			"import --from x --rejects /no/such/directory/file", "import --from pom.xml" })
	void whatCannotBeReachedIsStatusOneInOneSentence(String line) {
		Command done = Command.run(this.store, line.split(" ")).expect(1);
		assertThat(done.err()).contains("Failed: ").doesNotContain("sekret", "\tat ", "stay imported", "null");
	}

	@ParameterizedTest
	@ValueSource(strings = { "import --from pom.xml", "export --to -" })
	void wrongSettingsAreToldInALineEach(String line) {
		String[] arguments = (line + " --store.lanes.writers=0 --store.retention.max-idle=soon").split(" ");
		Command done = Command.run("mysql://ann:sekret@h/db", arguments).expect(1);
		assertThat(done.err().lines()).satisfiesExactlyInAnyOrder(
				(fault) -> assertThat(fault).startsWith("DATABASE_URL can't be used: ").doesNotContain("sekret"),
				(fault) -> assertThat(fault).isEqualTo(
						"STORE_LANES_WRITERS (store.lanes.writers) must be a whole number from 1 to 64, but is 0."),
				(fault) -> assertThat(fault).isEqualTo("STORE_RETENTION_MAX_IDLE (store.retention.max-idle)"
						+ " must be a time from 1m to 18250d, but is soon."));
		assertThat(done.out()).isEmpty();
	}

	@Test
	void theStoreItselfIsNoSource() {
		String postgres = TestStore.newDatabase(Engine.POSTGRESQL);
		assertThat(Command.run(postgres, "import", "--from", postgres.replaceFirst("postgresql", "postgres"))
			.expect(2)
			.err()).contains("same database");
		String other = TestStore.newDatabase(Engine.POSTGRESQL);
		Command.run(other, new byte[0], "export", "--to", "-").expect(1);
		TestStore.start(other).close();
		assertThat(Command.run(postgres, "import", "--from", other).expect(1).err()).contains("Use export there");
	}

	@Test
	void aRelativePathIsRelativeToTheWorkingDirectory() throws IOException, SQLException {
		Path relative = Files.createTempDirectory(Path.of("target"), "old");
		OldFile old = OldFile.sample(OldFile.V2, relative);
		Command done = Command.run(this.store, "import", "--from", "sqlite:///" + old.path(), "--dry-run").expect(0);
		assertThat(done.count("sessions")).isEqualTo(40);
		Files.delete(old.path());
		Files.delete(relative);
	}

	@ParameterizedTest
	@EnumSource(Engine.class)
	void aDryRunReadsEverythingAndWritesNothing(Engine engine) throws IOException, SQLException {
		OldFile old = OldFile.sample(OldFile.V1, this.directory);
		String target = (engine == Engine.H2) ? "h2:file:" + this.directory.resolve("store")
				: TestStore.newDatabase(engine);
		Command done = Command.run(target, "import", "--dry-run", "--from", old.url()).expect(3);
		assertThat(done.text()).startsWith("Dry run, nothing was written.");
		assertThat(done.count("sessions")).isEqualTo(50);
		assertThat(done.count("rejected")).isEqualTo(5);
		assertThat(this.directory)
			.isDirectoryNotContaining((file) -> file.getFileName().toString().startsWith("store"));
		assertThat(Path.of("import-rejects.ndjson")).doesNotExist();
		if (engine == Engine.POSTGRESQL) {
			try (var connection = JdbcConnections.open(DatabaseUrl.parse(target))) {
				assertThat(StoreTables.columns(connection)).isEmpty();
			}
		}
		Command.run(target, "import", "--from", old.url(), "--rejects=" + this.directory.resolve("r")).expect(3);
		Command after = Command.run(target, "import", "--dry-run", "--from", old.url()).expect(3);
		assertThat(after.count("sessions")).isZero();
		assertThat(after.count("already there")).isEqualTo(50);
	}

	@Test
	void theSummarySaysWhatRetentionWillDoAndHowToKeepIt() throws IOException, SQLException {
		OldFile old = OldFile.sample(OldFile.V2, this.directory);
		old.execute("update sessions set deleted_at = '2020-01-01 00:00:00' where session_id = '579de8b0-0005'",
				"update sessions set deleted_at = '2999-01-01 00:00:00' where deleted_at > '2021-01-01 00:00:00'",
				"update sessions set last_activity = '2999-01-01 00:00:00' where session_id = 'session_0'");
		String text = Command.run(this.store, "import", "--dry-run", "--from", old.url()).expect(0).text();
		assertThat(text).contains("soft-delete 35 of these sessions (idle for more than 24 hours)")
			.contains("remove 1 for good (soft-deleted more than 30 days ago)")
			.contains("STORE_RETENTION_ENABLED=false")
			.containsPattern("STORE_RETENTION_MAX_IDLE=[0-9]+d or more");
		assertThat(
				Command.run(this.store, "import", "--dry-run", "--from", old.url(), "--store.retention.enabled=false")
					.expect(0)
					.text())
			.doesNotContain("retention");
		assertThat(Command
			.run(this.store, "import", "--dry-run", "--from", old.url(), "--store.retention.max-idle=18000d",
					"--store.retention.purge-after=18000d")
			.expect(0)
			.text()).doesNotContain("retention");
		old.execute("update sessions set last_activity = '1970-01-01 00:00:00'");
		assertThat(Command.run(this.store, "import", "--dry-run", "--from", old.url()).expect(0).text())
			.contains("STORE_RETENTION_ENABLED=false")
			.doesNotContain("STORE_RETENTION_MAX_IDLE");
	}

}
