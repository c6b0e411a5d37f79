package dev.agentsessions.exactness;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

import dev.agentsessions.TestPostgres;

/**
 * One empty PostgreSQL database, and what can be done to its server.
 */
interface TestedDatabase extends AutoCloseable {

	/**
	 * With which the names begin under which the server knows the store's connections.
	 */
	String STORE = "agent-session-store";

	/**
	 * A server of this test's own, which it can stop and freeze, unless
	 * <code>TEST_DATABASE_URL</code> names one or there are no binaries for this machine.
	 */
	static TestedDatabase start() throws IOException {
		String given = System.getenv("TEST_DATABASE_URL");
		return ((given == null || given.isBlank()) && OwnPostgres.isPossible()) ? OwnPostgres.start()
				: new SharedPostgres(TestPostgres.get().newDatabase());
	}

	/** As in <code>DATABASE_URL</code>. */
	String url();

	/**
	 * Breaks everything that is under way on the server; it accepts connections again
	 * when this returns.
	 */
	void crash() throws IOException;

	@Override
	void close() throws IOException;

	/** Breaks all connections of the store, with whatever they are doing. */
	default void terminateConnections() throws SQLException {
		query("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
				+ " and application_name like '" + STORE + "%'", (row) -> row.getBoolean(1));
	}

	default <T> List<T> query(String sql, RowReader<T> reader) throws SQLException {
		try (Connection connection = TestPostgres.connect(url())) {
			return query(connection, sql, reader);
		}
	}

	/** Reads from the tables of all buckets. */
	default <T> List<T> queryTables(String sql, RowReader<T> reader) throws SQLException {
		try (Connection connection = TestPostgres.connect(url())) {
			List<T> read = new ArrayList<>();
			for (String schema : schemas(connection)) {
				connection.setSchema(schema);
				read.addAll(query(connection, sql, reader));
			}
			return read;
		}
	}

	/** Those with the tables of a store, one for each bucket. */
	static List<String> schemas(Connection connection) throws SQLException {
		return query(connection, """
				select table_schema from information_schema.tables where table_name = 'sessions' order by table_schema
				""", (row) -> row.getString(1));
	}

	static <T> List<T> query(Connection connection, String sql, RowReader<T> reader) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
			List<T> read = new ArrayList<>();
			while (rows.next()) {
				read.add(reader.read(rows));
			}
			return read;
		}
	}

	/** Reads the row at which a result set stands. */
	interface RowReader<T> {

		T read(ResultSet row) throws SQLException;

	}

}
