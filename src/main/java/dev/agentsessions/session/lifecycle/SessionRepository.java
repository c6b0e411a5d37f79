package dev.agentsessions.session.lifecycle;

import java.time.Instant;

import dev.agentsessions.database.JsonText;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionRow;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.data.r2dbc.repository.Modifying;
import org.springframework.data.r2dbc.repository.Query;
import org.springframework.data.repository.Repository;

/**
 * The SQL of single sessions and their lists. Each method is one statement in
 * auto-commit.
 */
interface SessionRepository extends Repository<SessionRow, Long> {

	/**
	 * Walks idx_active_sessions backwards, and merges what other programs have called
	 * inactive without deleting it, by idx_inactive_sessions.
	 */
	@Query("select * from ((select " + SessionRow.COLUMNS + """
			 from sessions
			where is_active and deleted_at is null and tenant = :tenant and (last_activity, id) < (:activity, :id)
			order by last_activity desc, id desc limit :limit)
			union all (select
			""" + SessionRow.COLUMNS + """
			 from sessions
			where not is_active and deleted_at is null and tenant = :tenant and (last_activity, id) < (:activity, :id)
			order by last_activity desc, id desc limit :limit)) merged
			order by last_activity desc, id desc limit :limit
			""")
	Flux<SessionRow> listByActivity(String tenant, Instant activity, long id, int limit);

	/** Walks idx_active_sessions backwards twice, and merges. */
	@Query("select * from ((select " + SessionRow.COLUMNS + """
			 from sessions
			where is_active and tenant = :tenant and (last_activity, id) < (:activity, :id)
			order by last_activity desc, id desc limit :limit)
			union all (select
			""" + SessionRow.COLUMNS + """
			 from sessions
			where not is_active and tenant = :tenant and (last_activity, id) < (:activity, :id)
			order by last_activity desc, id desc limit :limit)) merged
			order by last_activity desc, id desc limit :limit
			""")
	Flux<SessionRow> listAllByActivity(String tenant, Instant activity, long id, int limit);

	/**
	 * Walks the primary key: the order in which this store got to know them, which no
	 * later write changes.
	 */
	@Query("select " + SessionRow.COLUMNS + """
			 from sessions
			where tenant = :tenant and id > :id and (deleted_at is null or :includeDeleted)
			order by id limit :limit
			""")
	Flux<SessionRow> listByCreation(String tenant, long id, boolean includeDeleted, int limit);

}
