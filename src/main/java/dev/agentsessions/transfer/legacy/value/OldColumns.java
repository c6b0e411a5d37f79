package dev.agentsessions.transfer.legacy.value;

import java.math.BigInteger;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;

import dev.agentsessions.transfer.Rejects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * From the columns of an older database to the fields of a request.
 */
public final class OldColumns {

	private OldColumns() {
	}

	/** A number stays one; anything else is left for the checks to refuse. */
	public static void setNumber(ObjectNode node, String field, @Nullable String text) {
		if (text != null && text.matches("-?[0-9]{1,40}")) {
			node.put(field, new BigInteger(text));
		}
		else {
			node.put(field, text);
		}
	}

	/** The time in a column; null if there is none, or none that can be read. */
	public static @Nullable Instant time(OldRow row, String column, String session, String place, OldTimes times,
			Rejects rejects) throws SQLException {
		String text = row.text(column);
		Instant time = (text != null) ? times.parse(text) : null;
		if (text != null && time == null) {
			rejects.add(session, place + "/" + column, "is not a time", text);
		}
		return time;
	}

	/** Adds what there is no field for to the metadata; what is there already stays. */
	public static ObjectNode addMetadata(ObjectNode node, ObjectNode others) {
		if (others.isEmpty()) {
			return node;
		}
		ObjectNode metadata = node.withObject("/metadata");
		for (Map.Entry<String, JsonNode> other : others.properties()) {
			String name = other.getKey();
			while (metadata.has(name)) {
				name += "_";
			}
			metadata.set(name, other.getValue());
		}
		return node;
	}

	public static Instant firstOf(@Nullable Instant... times) {
		for (Instant time : times) {
			if (time != null) {
				return time;
			}
		}
		return Instant.EPOCH;
	}

}
