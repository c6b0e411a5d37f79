package dev.agentsessions.transfer.legacy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;

import dev.agentsessions.database.connect.DatabaseUrl;
import dev.agentsessions.database.connect.JdbcConnections;
import dev.agentsessions.transfer.TransferFailure;

/**
 * An older database, open for reading only and as it was at one moment.
 */
public record OldDatabase(Connection connection, boolean isSqlite) implements AutoCloseable {

	public static OldDatabase sqlite(Path file) throws SQLException, IOException {
		if (!Files.isRegularFile(file)) {
			throw new TransferFailure("There is no file " + file.toAbsolutePath() + ".");
		}
		Properties readOnly = new Properties();
		readOnly.setProperty("open_mode", "65"); // SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
		Path path = file.toAbsolutePath();
		// where nothing can be written, the shared memory of a write-ahead log can't be
		// made; without a log, of either kind, there is nothing in it
		boolean frozen = !Files.isWritable(path.resolveSibling(".")) && !Files.exists(Path.of(path + "-wal"))
				&& !Files.exists(Path.of(path + "-journal"));
		Connection connection = DriverManager.getConnection(
				"jdbc:sqlite:file:" + path.toUri().getRawPath() + (frozen ? "?immutable=1" : "?mode=ro"), readOnly);
		connection.setAutoCommit(false);
		OldDatabase database = new OldDatabase(connection, true);
		if (!database.value("pragma encoding").equals("UTF-8")) {
			throw new TransferFailure(
					"The database is not in UTF-8. Convert it first:" + " sqlite3 old.db .dump | sqlite3 new.db");
		}
		return database;
	}

	public static OldDatabase postgresql(DatabaseUrl url) throws SQLException {
		Connection connection = JdbcConnections.open(url);
		connection.setReadOnly(true);
		connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
		connection.setAutoCommit(false);
		return new OldDatabase(connection, false);
	}

	/** The names of a table's columns, in lower case; none if there is no such table. */
	public Set<String> columns(String table) throws SQLException {
		Set<String> columns = new HashSet<>();
		try (ResultSet found = this.connection.getMetaData()
			.getColumns(null, this.connection.getSchema(), table, null)) {
			while (found.next()) {
				columns.add(found.getString("COLUMN_NAME").toLowerCase(Locale.ROOT));
			}
		}
		return columns;
	}

	/** The single value of a query. */
	public String value(String sql) throws SQLException {
		try (PreparedStatement statement = this.connection.prepareStatement(sql);
				ResultSet rows = statement.executeQuery()) {
			rows.next();
			return rows.getString(1);
		}
	}

	@Override
	public void close() throws SQLException {
		this.connection.close();
	}

}
