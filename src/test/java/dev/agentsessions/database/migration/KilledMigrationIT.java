package dev.agentsessions.database.migration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import dev.agentsessions.Api;
import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Buckets;
import dev.agentsessions.database.connect.DatabaseUrl;
import dev.agentsessions.database.connect.Schema;
import liquibase.exception.LiquibaseException;
import liquibase.exception.LockException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What a migration that was killed leaves behind, at one moment or another, is no
 * hindrance to the next one.
 */
@ExtendWith(OutputCaptureExtension.class)
class KilledMigrationIT {

	private final String database = TestPostgres.get().newDatabase();

	/** Without something to do Liquibase does not look at the lock. */
	@BeforeEach
	void makeAllTablesButOne() throws LiquibaseException, SQLException {
		update();
		execute("drop table append_keys");
		execute("delete from databasechangelog where id = '0004-append-keys'");
	}

	@Test
	void theLockThatItLeftBehindIsTakenOver() throws SQLException {
		execute("update databasechangeloglock set locked = true, lockgranted = now(), lockedby = 'killed'");
		try (TestStore store = TestStore.start(this.database, "management.server.port=0")) {
			Api.on(store).newSession();
		}
		assertThat(query("select locked from databasechangeloglock")).isEqualTo("f");
	}

	@Test
	void whoWaitsGoesOnWhenTheSessionThatMigratesIsGone(CapturedOutput output) throws Exception {
		try (Connection other = TestPostgres.connect(this.database)) {
			String session = query(other,
					"select pg_backend_pid() from (select pg_advisory_lock(" + MigrationLock.KEY + ")) locked");
			CompletableFuture<Void> update = CompletableFuture.runAsync(() -> {
				try {
					update();
				}
				catch (LiquibaseException ex) {
					throw new IllegalStateException(ex);
				}
			});
			await().until(() -> output.toString().contains("this one waits for it: PostgreSQL session " + session));
			assertThat(update).isNotDone();
			execute("select pg_terminate_backend(" + session + ")");
			update.get(30, TimeUnit.SECONDS);
		}
		assertThat(query("select count(*) from pg_locks where locktype = 'advisory'")).isEqualTo("0");
	}

	@Test
	void whoWaitsInVainSaysForWhom() throws SQLException {
		try (Connection other = TestPostgres.connect(this.database);
				Connection waiting = TestPostgres.connect(this.database)) {
			String session = query(other,
					"select pg_backend_pid() from (select pg_advisory_lock(" + MigrationLock.KEY + ")) locked");
			waiting.setAutoCommit(false);
			assertThatExceptionOfType(LockException.class).isThrownBy(() -> MigrationLock.take(waiting, Duration.ZERO))
				.withMessageContaining("waited in vain for PostgreSQL session " + session);
		}
	}

	@Test
	void aReleaseThatFailsHidesNothing() throws SQLException {
		Connection broken = TestPostgres.connect(this.database);
		broken.close();
		assertThatCode(() -> MigrationLock.release(broken)).doesNotThrowAnyException();
	}

	@Test
	void aChangeThatIsNotNotedIsNotMade() throws LiquibaseException, SQLException {
		execute("create function refuse() returns trigger language plpgsql as 'begin raise ''killed''; end'");
		execute("create trigger killed before insert on databasechangelog execute function refuse()");
		assertThatExceptionOfType(LiquibaseException.class).isThrownBy(this::update).withStackTraceContaining("killed");
		assertThat(query("select to_regclass('append_keys')")).isNull();
		execute("drop trigger killed on databasechangelog");
		update();
		assertThat(query("select to_regclass('append_keys')")).isNotNull();
	}

	@ParameterizedTest
	@CsvSource({ "0008-message-ids, uq_messages_session_message_id", "0009-instructions, idx_instructions",
			"0011-session-owner, idx_session_owner", "0011-expiring-sessions, idx_expiring_sessions",
			"0011-session-created, idx_session_created", "0012-erased-sessions, idx_erased_sessions",
			"0016-append-keys-created, idx_append_keys_created" })
	void anIndexThatIsHalfBuiltIsBuiltAgain(String change, String index) throws LiquibaseException, SQLException {
		update();
		execute("update pg_index set indisvalid = false where indexrelid = '" + index + "'::regclass");
		execute("delete from databasechangelog where id = '" + change + "'");
		update();
		assertThat(query("select indisvalid from pg_index where indexrelid = '" + index + "'::regclass"))
			.isEqualTo("t");
	}

	/** Every change that is no transaction has to stand being made twice. */
	@Test
	void theOnlyChangesOutsideOfATransactionAreThose() throws IOException {
		StringBuilder changes = new StringBuilder();
		try (var files = Files.list(Path.of("liquibase/changes"))) {
			for (Path file : files.sorted().toList()) {
				changes.append(Files.readString(file));
			}
		}
		assertThat(Pattern.compile(":(\\S+) .*runInTransaction:false")
			.matcher(changes)
			.results()
			.map((one) -> one.group(1))).containsExactly("0008-message-ids", "0009-instructions", "0011-session-owner",
					"0011-expiring-sessions", "0011-session-created", "0012-erased-sessions",
					"0016-append-keys-created");
	}

	private void update() throws LiquibaseException {
		Schema.update(DatabaseUrl.parse(this.database), new Buckets(1));
	}

	private void execute(String sql) throws SQLException {
		try (Connection connection = TestPostgres.connect(this.database);
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private String query(String sql) throws SQLException {
		try (Connection connection = TestPostgres.connect(this.database)) {
			return query(connection, sql);
		}
	}

	private static String query(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
			assertThat(row.next()).isTrue();
			return row.getString(1);
		}
	}

}
