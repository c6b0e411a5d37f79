package dev.agentsessions.transfer.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Objects;

import dev.agentsessions.database.rows.JsonText;
import org.jspecify.annotations.Nullable;

/**
 * Columns and parameters of the store's tables by type.
 */
final class StoreColumns {

	private StoreColumns() {
	}

	static Instant time(ResultSet row, String column) throws SQLException {
		return Objects.requireNonNull(optionalTime(row, column), column);
	}

	static @Nullable Instant optionalTime(ResultSet row, String column) throws SQLException {
		OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
		return (time != null) ? time.toInstant() : null;
	}

	static @Nullable JsonText json(ResultSet row, String column) throws SQLException {
		String json = row.getString(column);
		return (json != null) ? new JsonText(json) : null;
	}

	static @Nullable Long optionalNumber(ResultSet row, String column) throws SQLException {
		long number = row.getLong(column);
		return row.wasNull() ? null : number;
	}

	/** A time as a parameter, which may be null. */
	static Object time(@Nullable Instant time) {
		return (time != null) ? time : Null.TIME;
	}

	/** A number as a parameter, which may be null. */
	static Object number(@Nullable Long number) {
		return (number != null) ? number : Null.NUMBER;
	}

	/**
	 * Sets the parameters of a statement, in order. Null is a text's: the type of a
	 * parameter has to be the same in all rows of a batch, or each is planned anew.
	 */
	static void set(PreparedStatement statement, @Nullable Object... values) throws SQLException {
		for (int i = 0; i < values.length; i++) {
			Object value = values[i];
			if (value == null) {
				statement.setNull(i + 1, Types.VARCHAR);
			}
			else if (value instanceof Null none) {
				statement.setNull(i + 1, none.type);
			}
			else if (value instanceof Instant time) {
				statement.setObject(i + 1, time.atOffset(ZoneOffset.UTC));
			}
			else if (value instanceof JsonText json) {
				statement.setString(i + 1, json.json());
			}
			else {
				statement.setObject(i + 1, value);
			}
		}
	}

	private enum Null {

		TIME(Types.TIMESTAMP_WITH_TIMEZONE), NUMBER(Types.BIGINT);

		private final int type;

		Null(int type) {
			this.type = type;
		}

	}

}
