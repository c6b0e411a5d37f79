package dev.agentsessions.transfer.legacy;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.agentsessions.message.MessageReader;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.transfer.MessageRecord;
import dev.agentsessions.transfer.OldLimits;
import dev.agentsessions.transfer.Rejects;
import dev.agentsessions.transfer.legacy.value.OldColumns;
import dev.agentsessions.transfer.legacy.value.OldRecord;
import dev.agentsessions.transfer.legacy.value.OldRow;
import dev.agentsessions.transfer.legacy.value.OldText;
import dev.agentsessions.transfer.legacy.value.OldTimes;
import dev.agentsessions.web.request.Fields;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Messages of the older service. They are read by the same reader as those that come in
 * over HTTP, after what the older code did for itself: a missing role is
 * <code>user</code>, a list of parts is its JSON text. A key that the store has no field
 * for is kept in the message's metadata.
 */
final class OldMessages {

	private static final Set<String> OPTIONAL = Set.of("name", "tool_call_id", "tool_calls", "token_count", "metadata");

	private static final Set<String> FIELDS = Set.of("role", "name", "tool_call_id", "tool_calls");

	/** What is a name of the store's own, and may be anything where it is read from. */
	private static final Set<String> OWN_NAMES = Set.of("id", "seq", "timestamp", "session_id", "token_count",
			"metadata", "parts");

	private final OldTimes times;

	private final Rejects rejects;

	private final MessageReader reader = new MessageReader(OldLimits.NONE);

	OldMessages(OldTimes times, Rejects rejects) {
		this.times = times;
		this.rejects = rejects;
	}

	/** A message that is an element of a JSON list; null if it is rejected. */
	@Nullable MessageRecord read(String session, String place, String json) {
		try {
			if (!(OldText.json(json) instanceof ObjectNode given)) {
				this.rejects.add(session, place, "must be an object", json);
				return null;
			}
			Instant time = time(given.get("timestamp"));
			if (time != null) {
				given.remove("timestamp");
			}
			OldRecord record = new OldRecord(session, place, shape(given), () -> json, this.rejects);
			return record.read(OPTIONAL, (fields) -> new MessageRecord(time, this.reader.read(fields)));
		}
		catch (ProblemException ex) {
			this.rejects.add(session, place + OldRecord.pointer(ex), OldRecord.reason(ex), json);
			return null;
		}
	}

	/** A message that is a row; null if it is rejected. */
	@Nullable MessageRecord read(String session, OldRow row) throws SQLException {
		String place = "/messages/" + row.text("id");
		ObjectNode node = JsonNodeFactory.instance.objectNode();
		for (String column : new String[] { "role", "content", "name", "tool_call_id" }) {
			node.put(column, row.text(column));
		}
		OldColumns.setNumber(node, "token_count", row.text("token_count"));
		OldRecord record = new OldRecord(session, place, node, row::original, this.rejects);
		record.json("tool_calls", row.text("tool_calls"));
		record.json("metadata", row.text("metadata_json"));
		Instant time = OldColumns.time(row, "timestamp", session, place, this.times, this.rejects);
		if (node.path("role").isNull()) {
			node.put("role", "user");
		}
		return record.read(OPTIONAL, (fields) -> new MessageRecord(time, this.reader.read(fields)));
	}

	private @Nullable Instant time(@Nullable JsonNode value) {
		return (value != null && value.isString()) ? this.times.parse(value.stringValue()) : null;
	}

	private static ObjectNode shape(ObjectNode given) {
		ObjectNode message = JsonNodeFactory.instance.objectNode().put("role", "user");
		ObjectNode others = JsonNodeFactory.instance.objectNode();
		if (given.path("content").isContainer()) {
			others.put("content_type", "application/json");
		}
		for (Map.Entry<String, JsonNode> entry : given.properties()) {
			JsonNode value = entry.getValue();
			if (value.isNull()) {
				continue;
			}
			if (entry.getKey().equals("content")) {
				message.set("content", value.isContainer() ? message.stringNode(value.toString()) : value);
			}
			else if (FIELDS.contains(entry.getKey()) || isField(entry.getKey(), value)) {
				message.set(entry.getKey(), value);
			}
			else {
				keep(others, entry.getKey(), value);
			}
		}
		if (!message.has("content") && !message.has("tool_calls")) {
			moveContent(others, message);
		}
		return OldColumns.addMetadata(message, others);
	}

	/** What a message without content says is in fields such as function_call. */
	private static void moveContent(ObjectNode others, ObjectNode message) {
		for (String name : List.copyOf(others.propertyNames())) {
			if (!OWN_NAMES.contains(name) && !name.startsWith("_")) {
				message.set(name, others.remove(name));
			}
		}
	}

	/** Whether it can be one of the fields that the older service did not have. */
	private static boolean isField(String name, JsonNode value) {
		return (name.equals("metadata") && value.isObject())
				|| (name.equals("token_count") && Fields.isWhole(value, Long.MIN_VALUE, Long.MAX_VALUE));
	}

	private static void keep(ObjectNode others, String name, JsonNode value) {
		others.set(others.has(name) ? name + "_" : name, value);
	}

}
