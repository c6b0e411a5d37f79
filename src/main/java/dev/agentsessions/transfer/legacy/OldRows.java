package dev.agentsessions.transfer.legacy;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

import dev.agentsessions.transfer.legacy.value.OldRow;

/**
 * The rows of one query, a few at a time in memory, in the order of a key; two such can
 * be read side by side.
 */
final class OldRows implements AutoCloseable {

	/** So few that some dozens of rows of a megabyte fit into a small heap. */
	private static final int FETCH = 50;

	private final PreparedStatement statement;

	private final ResultSet rows;

	private final OldRow row;

	private final String key;

	private boolean any;

	/**
	 * Stands at the first row.
	 * @param key the column by which the rows are ordered, a number
	 */
	OldRows(OldDatabase database, String sql, String key) throws SQLException {
		this.statement = database.connection().prepareStatement(sql);
		this.statement.setFetchSize(FETCH);
		this.rows = this.statement.executeQuery();
		this.row = new OldRow(this.rows, database.isSqlite());
		this.key = key;
		this.any = this.rows.next();
	}

	/** Whether it stands at a row with this key. */
	boolean at(long key) throws SQLException {
		return this.any && key() == key;
	}

	/** Whether it stands at a row whose key is smaller. */
	boolean before(long key) throws SQLException {
		return this.any && key() < key;
	}

	/** Whether it stands at a row. */
	boolean any() {
		return this.any;
	}

	long key() throws SQLException {
		return this.row.number(this.key);
	}

	OldRow row() {
		return this.row;
	}

	void next() throws SQLException {
		this.any = this.rows.next();
	}

	@Override
	public void close() throws SQLException {
		this.statement.close();
	}

}
