package dev.agentsessions.database.rows;

import java.time.Instant;
import java.util.Objects;

import io.r2dbc.spi.Readable;
import org.jspecify.annotations.Nullable;

/**
 * Columns of a row by type; those declared NOT NULL come without a null.
 */
public final class Columns {

	private Columns() {
	}

	public static long number(Readable row, String column) {
		return Objects.requireNonNull(row.get(column, Long.class), column);
	}

	public static @Nullable Long optionalNumber(Readable row, String column) {
		return row.get(column, Long.class);
	}

	public static String text(Readable row, String column) {
		return Objects.requireNonNull(row.get(column, String.class), column);
	}

	public static @Nullable String optionalText(Readable row, String column) {
		return row.get(column, String.class);
	}

	public static Instant time(Readable row, String column) {
		return Objects.requireNonNull(row.get(column, Instant.class), column);
	}

	public static @Nullable Instant optionalTime(Readable row, String column) {
		return row.get(column, Instant.class);
	}

	/** A JSON column that was selected as text. */
	public static @Nullable JsonText json(Readable row, String column) {
		String json = row.get(column, String.class);
		return (json != null) ? new JsonText(json) : null;
	}

}
