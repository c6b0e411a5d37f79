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

	/** Approximate bytes: its characters, none if it is absent. */
	public static long size(@Nullable JsonText json) {
		return (json != null) ? json.json().length() : 0;
	}

}
