package dev.agentsessions.agent;

import java.time.Instant;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.agentsessions.database.Columns;
import dev.agentsessions.database.JsonText;
import io.r2dbc.spi.Readable;
import org.jspecify.annotations.Nullable;

import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;

/**
 * Which agent holds a session.
 *
 * @param switchCount how often it changed hands, as counted or as it was set
 * @param lastSwitchAt null if it never did
 */
@Table("agent_contexts")
public record AgentContext(@Id @JsonIgnore long id, String sessionId, String currentAgent, long switchCount,
		JsonText metadata, Instant createdAt, Instant updatedAt, @Nullable Instant lastSwitchAt) {

	/** The columns of a row, from <code>agent_contexts c join sessions s</code>. */
	public static final String COLUMNS = """
			c.id, s.session_id, c.current_agent, c.switch_count,
			cast(coalesce(c.metadata_json, '{}') as text) as metadata, c.created_at, c.updated_at,
			(select w.switched_at from agent_switches w where w.context_db_id = c.id
			 order by w.switch_no desc limit 1) as last_switch_at""";

	public static AgentContext of(Readable row) {
		return new AgentContext(Columns.number(row, "id"), Columns.text(row, "session_id"),
				Columns.text(row, "current_agent"), Columns.number(row, "switch_count"),
				new JsonText(Columns.text(row, "metadata")), Columns.time(row, "created_at"),
				Columns.time(row, "updated_at"), Columns.optionalTime(row, "last_switch_at"));
	}

}
