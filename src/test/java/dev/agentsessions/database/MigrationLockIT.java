package dev.agentsessions.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.agentsessions.Api;
import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * A migration that was killed leaves a lock; the command in docs/operations/upgrade.md
 * releases it.
 */
class MigrationLockIT {

	/** Liquibase would wait five minutes, and look every ten seconds. */
	private static final String WAIT = "liquibase.changelogLockWaitTimeInMinutes";

	private static final String LOOK = "liquibase.changelogLockPollRate";

	@Test
	void theLockOfAKilledMigrationIsReleasedByTheDocumentedCommand() throws IOException, SQLException {
		String database = TestStore.newDatabase(Engine.POSTGRESQL);
		start(database).close();
		// something to do again: else Liquibase does not look at the lock
		execute(database, "delete from databasechangelog where id = '0004-append-keys'");
		execute(database, "drop table append_keys");
		execute(database, "update databasechangeloglock set locked = true, lockgranted = now(), lockedby = 'killed'");
		System.setProperty(WAIT, "0");
		System.setProperty(LOOK, "1");
		try {
			assertThatException().isThrownBy(() -> start(database).close())
				.havingRootCause()
				.withMessageContaining("lock");
			execute(database, documented());
			try (TestStore store = start(database)) {
				Api.on(store).newSession();
			}
		}
		finally {
			System.clearProperty(WAIT);
			System.clearProperty(LOOK);
		}
	}

	private static String documented() throws IOException {
		Matcher command = Pattern.compile("`(update databasechangeloglock [^`]+)`")
			.matcher(Files.readString(Path.of("docs/operations/upgrade.md")));
		assertThat(command.find()).isTrue();
		return command.group(1);
	}

	private static TestStore start(String database) {
		return TestStore.start(database, "management.server.port=0");
	}

	private static void execute(String database, String sql) throws SQLException {
		try (Connection connection = TestPostgres.connect(database)) {
			connection.createStatement().execute(sql);
		}
	}

}
