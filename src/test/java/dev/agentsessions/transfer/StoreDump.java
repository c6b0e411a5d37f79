package dev.agentsessions.transfer;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import dev.agentsessions.database.connect.DatabaseUrl;
import dev.agentsessions.database.connect.JdbcConnections;
import org.jspecify.annotations.Nullable;

/**
 * What is in a database, read without the code under test.
 */
final class StoreDump {

	private StoreDump() {
	}

	/** Every row of the four tables with every column, database ids included. */
	static Map<String, List<Map<String, @Nullable String>>> everything(String url) throws SQLException {
		Map<String, List<Map<String, @Nullable String>>> tables = new LinkedHashMap<>();
		for (String table : List.of("sessions", "messages", "agent_contexts", "agent_switches")) {
			tables.put(table, rows(url, "select * from " + table + " order by id"));
		}
		return tables;
	}

	/** Rows of a query, as text; times in ISO-8601. */
	static List<Map<String, @Nullable String>> rows(String url, String sql) throws SQLException {
		try (Connection connection = JdbcConnections.open(DatabaseUrl.parse(url))) {
			return rows(connection, sql);
		}
	}

	static List<Map<String, @Nullable String>> rows(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet found = statement.executeQuery(sql)) {
			List<Map<String, @Nullable String>> rows = new ArrayList<>();
			while (found.next()) {
				Map<String, @Nullable String> row = new LinkedHashMap<>();
				for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
					row.put(found.getMetaData().getColumnLabel(i).toLowerCase(Locale.ROOT), text(found, i));
				}
				rows.add(row);
			}
			return rows;
		}
	}

	private static @Nullable String text(ResultSet row, int column) throws SQLException {
		String type = row.getMetaData().getColumnTypeName(column).toLowerCase(Locale.ROOT);
		if (type.startsWith("timestamp")) {
			java.time.OffsetDateTime time = row.getObject(column, java.time.OffsetDateTime.class);
			return (time != null) ? time.toInstant().toString() : null;
		}
		return row.getString(column);
	}

	static void execute(String url, String... statements) throws SQLException {
		try (Connection connection = JdbcConnections.open(DatabaseUrl.parse(url));
				Statement statement = connection.createStatement()) {
			for (String each : statements) {
				statement.execute(each);
			}
		}
	}

}
