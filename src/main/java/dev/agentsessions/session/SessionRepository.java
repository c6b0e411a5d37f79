package dev.agentsessions.session;

import java.time.Instant;

import dev.agentsessions.database.JsonText;
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

	/** Answers 0 if the session exists already. */
	@Modifying
	@Query("""
			insert into sessions (tenant, session_id, metadata_json) values (:tenant, :sessionId, :metadata)
			on conflict do nothing
			""")
	Mono<Long> insert(String tenant, String sessionId, @Nullable JsonText metadata);

	@Modifying
	@Query("""
			update sessions set metadata_json = :metadata, last_activity = now(), is_active = true
			where tenant = :tenant and session_id = :sessionId and deleted_at is null
			""")
	Mono<Long> updateMetadata(String tenant, String sessionId, JsonText metadata);

	@Modifying
	@Query("""
			update sessions set deleted_at = now(), is_active = false
			where tenant = :tenant and session_id = :sessionId and deleted_at is null
			""")
	Mono<Long> softDelete(String tenant, String sessionId);

	/**
	 * Puts the session out of reach: its id is free at once, and nothing half removed can
	 * be read. However much belongs to it is removed later, in pieces.
	 */
	@Modifying
	@Query("update sessions set tenant = '" + SessionKey.PURGED + """
			', session_id = cast(id as varchar(255)), deleted_at = coalesce(deleted_at, now()), is_active = false
			where tenant = :tenant and session_id = :sessionId
			""")
	Mono<Long> hardDelete(String tenant, String sessionId);

	@Modifying
	@Query("""
			update sessions set deleted_at = null, is_active = true, last_activity = now()
			where tenant = :tenant and session_id = :sessionId and deleted_at is not null
			""")
	Mono<Long> restore(String tenant, String sessionId);

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
