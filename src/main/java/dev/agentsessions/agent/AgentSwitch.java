package dev.agentsessions.agent;

import java.time.Instant;

import dev.agentsessions.database.Columns;
import dev.agentsessions.database.JsonText;
import dev.agentsessions.web.JsonWriter;
import dev.agentsessions.web.Times;
import io.r2dbc.spi.Readable;
import org.jspecify.annotations.Nullable;

import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;

/**
 * One change of hands.
 *
 * @param switchNo grows within a session and is never used twice, but has gaps where a
 * history was replaced
 * @param fromAgent null if nobody held the session
 * @param atSeq the session's last message when it happened
 */
@Table("agent_switches")
public record AgentSwitch(@Id long switchNo, @Nullable String fromAgent, String toAgent, Instant switchedAt,
		@Nullable String reason, JsonText metadata, long atSeq) {

	public static final String COLUMNS = """
			switch_no, from_agent, to_agent, switched_at, reason,
			cast(coalesce(metadata_json, '{}') as text) as metadata, at_seq""";

	public static AgentSwitch of(Readable row) {
		return new AgentSwitch(Columns.number(row, "switch_no"), Columns.optionalText(row, "from_agent"),
				Columns.text(row, "to_agent"), Columns.time(row, "switched_at"), Columns.optionalText(row, "reason"),
				new JsonText(Columns.text(row, "metadata")), Columns.number(row, "at_seq"));
	}

	public AgentSwitch withMetadata(JsonText other) {
		return new AgentSwitch(this.switchNo, this.fromAgent, this.toAgent, this.switchedAt, this.reason, other,
				this.atSeq);
	}

	/** As followers get it. */
	public LoggedSwitch logged() {
		return new LoggedSwitch(this.switchNo, this.atSeq, write().toByteArray());
	}

	/** As it is answered. */
	public JsonText json() {
		return new JsonText(write().toString());
	}

	private JsonWriter write() {
		return new JsonWriter().raw("{")
			.number("switch_no", this.switchNo)
			.text("from_agent", this.fromAgent)
			.text("to_agent", this.toAgent)
			.text("switched_at", Times.format(this.switchedAt))
			.text("reason", this.reason)
			.json("metadata", this.metadata.json())
			.number("at_seq", this.atSeq)
			.raw("}");
	}

}
