package dev.agentsessions.agent;

import dev.agentsessions.session.SessionKey;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.data.r2dbc.repository.Query;
import org.springframework.data.repository.Repository;

/**
 * The SQL of the switches of one session, along the unique index on (context, number). A
 * session that was removed since its row was read has none any more, though its rows may
 * not be gone yet.
 */
interface SwitchRepository extends Repository<AgentSwitch, Long> {

	/** The context of a session that is there. */
	String CONTEXT = """
			(select c.id from agent_contexts c join sessions s on s.id = c.session_db_id
			where c.session_db_id = :session and s.tenant <> '""" + SessionKey.PURGED + "') ";

	@Query("select " + AgentSwitch.COLUMNS + """
			 from agent_switches where switch_no > :after and context_db_id =
			""" + CONTEXT + "order by switch_no limit :limit")
	Flux<AgentSwitch> oldestFirst(long session, long after, int limit);

	@Query("""
			select switch_no from agent_switches where at_seq >= :seq
			    and context_db_id = (select id from agent_contexts where session_db_id = :session)
			order by switch_no limit 1
			""")
	Mono<Long> firstFrom(long session, long seq);

}
