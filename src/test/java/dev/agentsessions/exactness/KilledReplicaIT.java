package dev.agentsessions.exactness;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

import dev.agentsessions.TestPostgres;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Replicas that start together on an empty database, while the one that makes the tables
 * is killed in the middle.
 */
class KilledReplicaIT {

	private static final String MIGRATIONS = "from pg_stat_activity where datname = current_database()"
			+ " and application_name = 'agent-session-store migration'";

	private static final Duration SOON = Duration.ofSeconds(60);

	private final String database = TestPostgres.get().newDatabase();

	@ParameterizedTest
	@ValueSource(strings = { "CREATE TABLE", "CREATE INDEX" })
	void theOthersMakeTheTables(String command) throws IOException, SQLException {
		try (Connection connection = TestPostgres.connect(this.database)) {
			assumeTrue(query(connection, "select rolsuper from pg_roles where rolname = session_user").equals("t"));
			stopAt(command, connection);
			try (Replica killed = Replica.begin("killed", this.database)) {
				await("it is in the middle").atMost(SOON)
					.until(() -> query(connection, "select count(*) " + MIGRATIONS + " and wait_event = 'advisory'")
						.equals("1"));
				String session = query(connection, "select pid " + MIGRATIONS);
				try (Replica second = Replica.begin("second", this.database);
						Replica third = Replica.begin("third", this.database)) {
					await("all are there").atMost(SOON)
						.until(() -> query(connection, "select count(*) " + MIGRATIONS).equals("3"));
					killed.kill();
					await("its session is gone, too").atMost(SOON)
						.until(() -> query(connection, "select count(*) " + MIGRATIONS + " and pid = " + session)
							.equals("0"));
					query(connection, "select pg_advisory_unlock(1)");
					second.awaitReady();
					third.awaitReady();
				}
			}
			assertThat(query(connection, "select count(*) " + MIGRATIONS)).isEqualTo("0");
		}
	}

	/** Commands of this kind wait until this connection unlocks them. */
	private static void stopAt(String command, Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute("create function stop() returns event_trigger language plpgsql as"
					+ " 'begin perform pg_advisory_xact_lock_shared(1); end'");
			statement.execute("create event trigger stop on ddl_command_start when tag in ('" + command
					+ "') execute function stop()");
		}
		query(connection, "select pg_advisory_lock(1)");
	}

	private static String query(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
			assertThat(row.next()).isTrue();
			return row.getString(1);
		}
	}

}
