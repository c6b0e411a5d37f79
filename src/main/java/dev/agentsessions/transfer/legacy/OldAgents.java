package dev.agentsessions.transfer.legacy;

import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.transfer.ContextRecord;
import dev.agentsessions.transfer.OldLimits;
import dev.agentsessions.transfer.Rejects;
import dev.agentsessions.transfer.SwitchRecord;
import dev.agentsessions.transfer.legacy.value.OldRecord;
import dev.agentsessions.transfer.legacy.value.OldColumns;
import dev.agentsessions.transfer.legacy.value.OldRow;
import dev.agentsessions.transfer.legacy.value.OldText;
import dev.agentsessions.transfer.legacy.value.OldTimes;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Contexts and switches of the older service.
 */
final class OldAgents {

	private static final Set<String> SWITCH_OPTIONAL = Set.of("from", "reason", "timestamp", "metadata");

	private static final Set<String> CONTEXT_OPTIONAL = Set.of("switch_count", "metadata");

	private static final Set<String> SWITCH_FIELDS = Set.of("from", "to", "reason");

	private static final long MOST_SWITCHES = Integer.MAX_VALUE;

	private final OldTimes times;

	private final Rejects rejects;

	OldAgents(OldTimes times, Rejects rejects) {
		this.times = times;
		this.rejects = rejects;
	}

	/**
	 * A context that is a row, of either layout; null if it is rejected.
	 * @param updated the column that tells when it was changed last
	 * @param metadata the column with its metadata
	 */
	@Nullable ContextRecord context(String session, OldRow row, String updated, String metadata) throws SQLException {
		String place = "/agent_context";
		Instant createdAt = OldColumns.time(row, "created_at", session, place, this.times, this.rejects);
		Instant updatedAt = OldColumns.time(row, updated, session, place, this.times, this.rejects);
		ObjectNode node = JsonNodeFactory.instance.objectNode().put("current_agent", row.text("current_agent"));
		OldColumns.setNumber(node, "switch_count", row.text("switch_count"));
		OldRecord record = new OldRecord(session, place, node, row::original, this.rejects);
		record.json("metadata", row.text(metadata));
		Instant created = OldColumns.firstOf(createdAt, updatedAt);
		return record.read(CONTEXT_OPTIONAL,
				(fields) -> new ContextRecord(fields.requiredText("current_agent", 255), created,
						(updatedAt != null) ? updatedAt : created,
						Objects.requireNonNullElse(fields.number("switch_count", 0, MOST_SWITCHES), 0L),
						fields.object("metadata")));
	}

	/** A switch that is an element of a JSON list; null if it is rejected. */
	@Nullable SwitchRecord agentSwitch(String session, String place, String json) {
		try {
			if (!(OldText.json(json) instanceof ObjectNode given)) {
				this.rejects.add(session, place, "must be an object", json);
				return null;
			}
			ObjectNode node = JsonNodeFactory.instance.objectNode();
			ObjectNode others = JsonNodeFactory.instance.objectNode();
			for (Map.Entry<String, JsonNode> entry : given.properties()) {
				JsonNode value = entry.getValue();
				boolean field = SWITCH_FIELDS.contains(entry.getKey())
						|| (entry.getKey().equals("metadata") && value.isObject());
				if (!value.isNull() && !entry.getKey().equals("timestamp")) {
					(field ? node : others).set(entry.getKey(), value);
				}
			}
			JsonNode time = given.path("timestamp");
			setTime(node, (time.isMissingNode() || time.isNull()) ? null
					: time.isString() ? time.stringValue() : time.toString());
			return agentSwitch(session, place, OldColumns.addMetadata(node, others), () -> json);
		}
		catch (ProblemException ex) {
			this.rejects.add(session, place + OldRecord.pointer(ex), OldRecord.reason(ex), json);
			return null;
		}
	}

	/** A switch that is a row; null if it is rejected. */
	@Nullable SwitchRecord agentSwitch(String session, OldRow row) throws SQLException {
		String place = "/agent_switches/" + row.text("id");
		ObjectNode node = JsonNodeFactory.instance.objectNode()
			.put("from", row.text("from_agent"))
			.put("to", row.text("to_agent"))
			.put("reason", row.text("reason"));
		setTime(node, row.text("switched_at"));
		new OldRecord(session, place, node, row::original, this.rejects).json("metadata", row.text("metadata_json"));
		return agentSwitch(session, place, node, row::original);
	}

	private @Nullable SwitchRecord agentSwitch(String session, String place, ObjectNode node,
			Supplier<String> original) {
		if (node.path("from").asString("").isEmpty() && node.path("from").isString()) {
			node.remove("from"); // the older service's way to say that nobody had it
		}
		return new OldRecord(session, place, node, original, this.rejects).read(SWITCH_OPTIONAL, (fields) -> {
			NewSwitch read = NewSwitch.readPast(fields, OldLimits.NONE);
			return new SwitchRecord(null, null, read.fromAgent(), read.toAgent(), read.switchedAt(), read.reason(),
					read.metadata());
		});
	}

	/** What can't be read as a time is left as it is, for the checks to refuse. */
	private void setTime(ObjectNode node, @Nullable String text) {
		Instant time = (text != null) ? this.times.parse(text) : null;
		node.put("timestamp", (time != null) ? time.toString() : text);
	}

}
