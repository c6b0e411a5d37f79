package dev.agentsessions.database.rows;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * JSON as text, the way it is stored and the way it is answered: never a
 * <code>Map</code>, which would lose digits.
 *
 * @param json a valid JSON value
 */
public record JsonText(@JsonValue @JsonRawValue String json) {

	public static final JsonText EMPTY_OBJECT = new JsonText("{}");

	/**
	 * Whether PostgreSQL has more than a little in this column, which it knows without
	 * reading it. What it has compressed may be a hundred times as long.
	 */
	public static String isLarge(String column) {
		return "(pg_column_compression(" + column + ") is not null or coalesce(pg_column_size(" + column
				+ "), 0) > 2048)";
	}

	/** Approximate bytes: its characters, none if it is absent. */
	public static long size(@Nullable JsonText json) {
		return (json != null) ? json.json().length() : 0;
	}

}
