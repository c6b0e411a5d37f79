package dev.agentsessions.agent.context;

import dev.agentsessions.agent.AgentContext;
import dev.agentsessions.session.SessionKey;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.data.r2dbc.repository.Query;
import org.springframework.data.repository.Repository;

/**
 * The SQL of reads. Each method is one statement in auto-commit. A session that was
 * removed since its row was read has no context any more, though its rows may not be gone
 * yet.
 */
interface AgentRepository extends Repository<AgentContext, Long> {

	@Query("select " + AgentContext.COLUMNS + """
			 from agent_contexts c join sessions s on s.id = c.session_db_id
			where c.session_db_id = :session and s.tenant <> '""" + SessionKey.PURGED + "'")
	Mono<AgentContext> find(long session);

	/** Walks the primary key of the contexts. */
	@Query("select " + AgentContext.COLUMNS + """
			 from agent_contexts c join sessions s on s.id = c.session_db_id
			where s.tenant = :tenant and s.deleted_at is null and c.id > :id order by c.id limit :limit
			""")
	Flux<AgentContext> list(String tenant, long id, int limit);

}
