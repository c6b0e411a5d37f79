package dev.agentsessions.exactness;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

import dev.agentsessions.TestPostgres;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Replicas that start together on an empty database, while the one that makes the tables
 * is killed in the middle, and then the one that goes on in its place.
 */
class KilledReplicaIT {

	private static final String MIGRATIONS = "from pg_stat_activity where datname = current_database()"
			+ " and application_name = 'agent-session-store migration'";

	private static final Duration SOON = Duration.ofSeconds(60);

	private final String database = TestPostgres.get().newDatabase();

	@Test
	void theOthersMakeTheTables() throws IOException, SQLException {
		try (Connection connection = TestPostgres.connect(this.database)) {
			assumeTrue(query(connection, "select rolsuper from pg_roles where rolname = session_user").equals("t"));
			Stop atTable = Stop.at("CREATE TABLE", 1, connection);
			Stop atIndex = Stop.at("CREATE INDEX", 2, connection);
			try (Replica first = Replica.begin("first", this.database)) {
				String firstSession = atTable.awaitWhoStops(connection);
				try (Replica second = Replica.begin("second", this.database)) {
					killInTheMiddle(first, firstSession, connection);
					atTable.end(connection);
					String secondSession = atIndex.awaitWhoStops(connection);
					try (Replica third = Replica.begin("third", this.database)) {
						killInTheMiddle(second, secondSession, connection);
						atIndex.end(connection);
						third.awaitReady();
					}
				}
			}
			assertThat(query(connection, "select count(*) " + MIGRATIONS)).isEqualTo("0");
		}
	}

	/** Once another one waits for its turn. */
	private static void killInTheMiddle(Replica replica, String session, Connection connection) {
		await("another one is there").atMost(SOON)
			.until(() -> query(connection, "select count(*) " + MIGRATIONS).equals("2"));
		replica.kill();
		await("its session is gone, too").atMost(SOON)
			.until(() -> query(connection, "select count(*) " + MIGRATIONS + " and pid = " + session).equals("0"));
	}

	private static String query(Connection connection, String sql) {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
			assertThat(row.next()).isTrue();
			return row.getString(1);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Where the making of tables stops, until this connection lets it go on.
	 *
	 * @param lock that all commands of one kind wait for
	 */
	private record Stop(int lock) {

		static Stop at(String command, int lock, Connection connection) throws SQLException {
			try (Statement statement = connection.createStatement()) {
				statement.execute("create function stop_" + lock + "() returns event_trigger language plpgsql as"
						+ " 'begin perform pg_advisory_xact_lock_shared(" + lock + "); end'");
				statement.execute("create event trigger stop_" + lock + " on ddl_command_start when tag in ('" + command
						+ "') execute function stop_" + lock + "()");
			}
			query(connection, "select pg_advisory_lock(" + lock + ")");
			return new Stop(lock);
		}

		/** The number of its session. */
		String awaitWhoStops(Connection connection) {
			return await("one stops").atMost(SOON)
				.until(() -> query(connection,
						"select coalesce(max(pid)::text, '') from pg_locks where locktype = 'advisory' and objid = "
								+ this.lock + " and not granted"),
						(pid) -> !pid.isEmpty());
		}

		void end(Connection connection) {
			query(connection, "select pg_advisory_unlock(" + this.lock + ")");
		}

	}

}
