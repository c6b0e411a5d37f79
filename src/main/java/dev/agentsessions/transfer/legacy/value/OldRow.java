package dev.agentsessions.transfer.legacy.value;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

import dev.agentsessions.transfer.JsonLine;
import org.jspecify.annotations.Nullable;

/**
 * A row of an older database, every value as text. A column that the table does not have
 * reads as null.
 */
public final class OldRow {

	private final ResultSet row;

	private final boolean sqlite;

	private final Map<String, Integer> columns = new LinkedHashMap<>();

	public OldRow(ResultSet row, boolean sqlite) throws SQLException {
		this.row = row;
		this.sqlite = sqlite;
		ResultSetMetaData names = row.getMetaData();
		for (int i = 1; i <= names.getColumnCount(); i++) {
			this.columns.put(names.getColumnLabel(i).toLowerCase(Locale.ROOT), i);
		}
	}

	public long number(String column) throws SQLException {
		return this.row.getLong(this.columns.get(column));
	}

	public @Nullable String text(String column) throws SQLException {
		Integer index = this.columns.get(column);
		return (index != null) ? text(index) : null;
	}

	public String required(String column) throws SQLException {
		String text = text(column);
		return (text != null) ? text : "";
	}

	/** The row as it stands in the source, for the rejects. */
	public String original() {
		JsonLine line = new JsonLine();
		try {
			for (Map.Entry<String, Integer> column : this.columns.entrySet()) {
				line.text(column.getKey(), text(column.getValue()));
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException("a row that was read can't be read again", ex);
		}
		return line.toString();
	}

	private @Nullable String text(int index) throws SQLException {
		if (!this.sqlite) {
			return this.row.getString(index);
		}
		byte[] bytes = this.row.getBytes(index);
		return (bytes != null) ? OldText.decode(bytes) : null;
	}

}
