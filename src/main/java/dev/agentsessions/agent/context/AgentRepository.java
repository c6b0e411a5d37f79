package dev.agentsessions.agent.context;

import dev.agentsessions.agent.AgentContext;
import reactor.core.publisher.Flux;

import org.springframework.data.r2dbc.repository.Query;
import org.springframework.data.repository.Repository;

/**
 * The SQL of lists of contexts.
 */
interface AgentRepository extends Repository<AgentContext, Long> {

	/** Walks the primary key of the contexts. */
	@Query("select " + AgentContext.COLUMNS + """
			 from agent_contexts c join sessions s on s.id = c.session_db_id
			where s.tenant = :tenant and s.deleted_at is null and c.id > :id order by c.id limit :limit
			""")
	Flux<AgentContext> list(String tenant, long id, int limit);

}
