package dev.agentsessions.agent;

import java.time.Instant;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.database.rows.RowReader;
import dev.agentsessions.paging.PagePieces;
import org.jspecify.annotations.Nullable;

/**
 * Which agent holds a session.
 *
 * @param switchCount how often it changed hands, as counted or as it was set
 * @param lastSwitchAt null if it never did
 */
public record AgentContext(@JsonIgnore long id, String sessionId, String currentAgent, long switchCount,
		JsonText metadata, Instant createdAt, Instant updatedAt, @Nullable Instant lastSwitchAt) {

	/** The columns of a row, from <code>agent_contexts c join sessions s</code>. */
	public static final String COLUMNS = """
			c.id, s.session_id, c.current_agent, c.switch_count, cast(coalesce(c.metadata_json, '{}') as text) metadata,
			cast(c.created_at as varchar) created, cast(c.updated_at as varchar) updated,
			(select cast(w.switched_at as varchar) from agent_switches w where w.context_db_id = c.id
			 order by w.switch_no desc limit 1) switched""";

	/** The length of what may be large. */
	public static final String BYTES = PagePieces.bytes("c.metadata_json");

	/** How many bytes it takes at least; the rest is small. */
	public long bytes() {
		return JsonText.size(this.metadata);
	}

	public static AgentContext of(RowReader row) {
		return new AgentContext(row.number(), row.text(), row.text(), row.number(), new JsonText(row.text()),
				row.time(), row.time(), row.optionalTime());
	}

}
