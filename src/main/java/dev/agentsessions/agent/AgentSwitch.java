package dev.agentsessions.agent;

import java.time.Instant;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.database.rows.RowReader;
import dev.agentsessions.paging.PagePieces;
import dev.agentsessions.web.json.JsonWriter;
import dev.agentsessions.web.json.Times;
import org.jspecify.annotations.Nullable;

/**
 * One change of hands.
 *
 * @param switchNo grows within a session and is never used twice, but has gaps where a
 * history was replaced
 * @param fromAgent null if nobody held the session
 * @param atSeq the session's last message when it happened
 */
public record AgentSwitch(long switchNo, @Nullable String fromAgent, String toAgent, Instant switchedAt,
		@Nullable String reason, JsonText metadata, long atSeq) {

	public static final String COLUMNS = """
			switch_no, from_agent, to_agent, cast(switched_at as varchar) switched, reason,
			cast(coalesce(metadata_json, '{}') as text) metadata, at_seq""";

	/** The length of what may be large. */
	public static final String BYTES = PagePieces.bytes("metadata_json", "reason");

	public static AgentSwitch of(RowReader row) {
		return new AgentSwitch(row.number(), row.optionalText(), row.text(), row.time(), row.optionalText(),
				new JsonText(row.text()), row.number());
	}

	/** How many bytes it takes at least; the rest is small. */
	public long bytes() {
		return JsonText.size(this.metadata) + ((this.reason != null) ? this.reason.length() : 0);
	}

	public AgentSwitch withMetadata(JsonText other) {
		return new AgentSwitch(this.switchNo, this.fromAgent, this.toAgent, this.switchedAt, this.reason, other,
				this.atSeq);
	}

	/** This switch as tails send it to their followers. */
	public LoggedSwitch logged() {
		return new LoggedSwitch(this.switchNo, this.atSeq, write().toByteArray());
	}

	/** This switch as JSON of an answer. */
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
