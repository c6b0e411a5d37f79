package dev.agentsessions.database.connect;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Properties;

import dev.agentsessions.database.Engine;

/**
 * Connections that block, for commands, and for the look at the tables at a start.
 */
public final class JdbcConnections {

	/** H2's: there is no such database, and it was not to be created. */
	private static final int NOT_FOUND = 90146;

	private JdbcConnections() {
	}

	/** A connection in auto-commit, which the caller closes. */
	public static Connection open(DatabaseUrl url) throws SQLException {
		return open(url, "");
	}

	/**
	 * A connection in auto-commit, which the caller closes.
	 * @param schema of a bucket, empty if there is but one
	 */
	public static Connection open(DatabaseUrl url, String schema) throws SQLException {
		Connection connection = connect(url, url.jdbc());
		if (!schema.isEmpty()) {
			// as a parameter of the connection a pooler would refuse it
			connection.setSchema(schema);
		}
		return connection;
	}

	/**
	 * A connection in auto-commit, which the caller closes; empty if it is a database of
	 * H2 that does not exist.
	 */
	public static Optional<Connection> openExisting(DatabaseUrl url) throws SQLException {
		try {
			return Optional.of(connect(url, url.jdbc() + ((url.engine() == Engine.H2) ? ";IFEXISTS=TRUE" : "")));
		}
		catch (SQLException ex) {
			if (ex.getErrorCode() == NOT_FOUND) {
				return Optional.empty();
			}
			throw ex;
		}
	}

	private static Connection connect(DatabaseUrl url, String jdbc) throws SQLException {
		Properties properties = new Properties();
		properties.setProperty("user", url.username());
		properties.setProperty("password", (url.password() != null) ? url.password() : "");
		if (url.engine() == Engine.POSTGRESQL) {
			properties.setProperty("reWriteBatchedInserts", "true");
			// or an error would have the row in it
			properties.setProperty("logServerErrorDetail", "false");
			properties.putIfAbsent("ApplicationName", "agent-session-store");
		}
		Connection connection = DriverManager.getConnection(jdbc, properties);
		try (Statement statement = connection.createStatement()) {
			if (url.engine() == Engine.H2) {
				// or each long text that is read is copied until the transaction ends
				statement.execute("set lazy_query_execution 1");
			}
			else {
				statement.execute("set lock_timeout = '60s'");
				// a source may take its time between two rows
				statement.execute("set idle_in_transaction_session_timeout = 0");
			}
		}
		return connection;
	}

}
