package dev.agentsessions.agent;

import java.time.Instant;

import dev.agentsessions.database.JsonText;
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
record AgentSwitch(@Id long switchNo, @Nullable String fromAgent, String toAgent, Instant switchedAt,
		@Nullable String reason, JsonText metadata, long atSeq) {

	static final String COLUMNS = """
			switch_no, from_agent, to_agent, switched_at, reason,
			cast(coalesce(metadata_json, '{}') as text) as metadata, at_seq""";

}
