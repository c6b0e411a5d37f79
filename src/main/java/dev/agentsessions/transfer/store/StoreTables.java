package dev.agentsessions.transfer.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Whose tables a database has: those of this store, or of the older service, whose names
 * are the same.
 */
public final class StoreTables {

	private StoreTables() {
	}

	/** Whether these are the tables of this store. */
	public static boolean isStore(Connection connection) throws SQLException {
		return columns(connection).getOrDefault("sessions", Set.of()).contains("last_switch_no");
	}

	/** Whether the older service's tables are where this store's would be. */
	public static boolean isOlder(Connection connection) throws SQLException {
		Map<String, Set<String>> columns = columns(connection);
		return columns.containsKey("sessions") && !columns.getOrDefault("sessions", Set.of()).contains("first_seq");
	}

	/** The columns of the tables of the connection's schema, all in lower case. */
	public static Map<String, Set<String>> columns(Connection connection) throws SQLException {
		Map<String, Set<String>> columns = new HashMap<>();
		// the schema of a bucket may not be there yet
		String schema = Objects.requireNonNullElse(connection.getSchema(), "");
		try (ResultSet found = connection.getMetaData().getColumns(null, schema, null, null)) {
			while (found.next()) {
				columns
					.computeIfAbsent(found.getString("TABLE_NAME").toLowerCase(Locale.ROOT), (table) -> new HashSet<>())
					.add(found.getString("COLUMN_NAME").toLowerCase(Locale.ROOT));
			}
		}
		return columns;
	}

}
