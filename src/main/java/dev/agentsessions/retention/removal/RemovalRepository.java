package dev.agentsessions.retention.removal;

import java.util.List;
import java.util.Optional;

import dev.agentsessions.database.DatabaseCalls;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.rows.Columns;
import dev.agentsessions.retention.Tally;
import dev.agentsessions.session.SessionKey;
import reactor.core.publisher.Mono;

import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Repository;

/**
 * The SQL that removes what is out of reach. Each method is one statement in auto-commit,
 * which claims the session's row first and passes over one that another replica is at
 * work on.
 */
@Repository
class RemovalRepository {

	/** By the unique index on (tenant, session_id). */
	static final String PURGED = """
			select id, session_id, 3 * last_seq + 2 * last_switch_no + last_view_no + 1 as rows_at_most
			from sessions where tenant = '%s' and session_id > :after order by session_id limit :limit
			""".formatted(SessionKey.PURGED);

	private static final String CLAIM = """
			(select id from sessions where id = :session and tenant = '%s' for update skip locked)
			""".formatted(SessionKey.PURGED);

	private static final long ORPHANS_AFTER_SECONDS = 3600;

	private final DatabaseClient client;

	private final DatabaseCalls database;

	RemovalRepository(DatabaseClient client, DatabaseCalls database) {
		this.client = client;
		this.database = database;
	}

	/**
	 * Puts out of the way what is left of forks whose makers are gone: one that takes an
	 * hour is given up, too.
	 */
	Mono<Long> purgeOrphans(int bucket) {
		return this.database.write(bucket,
				this.client
					.sql("""
							update sessions set tenant = '%s', session_id = '%s' || cast(id as varchar)
							where tenant = '%s' and created_at < %s
							""".formatted(SessionKey.PURGED, SessionKey.LOST_FORK, SessionKey.FORKING,
							engine().secondsAgo(":seconds")))
					.bind("seconds", ORPHANS_AFTER_SECONDS)
					.fetch()
					.rowsUpdated());
	}

	/** What else of a session can be much. */
	List<SessionPart> partsBesideMessages() {
		return (engine() == Engine.POSTGRESQL) ? List.of(SessionPart.SWITCHES, SessionPart.KEYS, SessionPart.WORDS)
				: List.of(SessionPart.SWITCHES, SessionPart.KEYS);
	}

	/**
	 * Some of what is to be removed from a bucket.
	 * @param after the name of the last one that was found before: to begin at the first
	 * again would pass over all the dead rows each time
	 */
	Mono<List<PurgedSession>> find(int bucket, String after, int limit) {
		return this.database.findAll(bucket,
				this.client.sql(PURGED)
					.bind("after", after)
					.bind("limit", limit)
					.map((row) -> new PurgedSession(Columns.number(row, "id"), Columns.text(row, "session_id"),
							Columns.number(row, "rows_at_most")))
					.all());
	}

	/** Removes small sessions of one bucket with everything that belongs to them. */
	Mono<Tally> removeWhole(List<Long> sessions) {
		return this.database.write(bucket(sessions.get(0)),
				this.client.sql(removeWhole())
					.bind("sessions", sessions.toArray(Long[]::new))
					.map((row) -> new Tally(Columns.number(row, "sessions"), Columns.number(row, "messages")))
					.one());
	}

	/** Removes the row of a session of which nothing else is left; else does nothing. */
	Mono<Long> removeEmptied(long session) {
		return this.database.write(bucket(session),
				this.client.sql(removeEmptied()).bind("session", session).fetch().rowsUpdated());
	}

	/**
	 * How far a piece of so many rows reaches; empty if there are no more.
	 * @param from up to where the part has been removed: to begin at its end again would
	 * pass over all the dead rows each time
	 */
	Mono<Object> findPiece(SessionPart part, long session, Object from, int size) {
		return this.database.find(bucket(session),
				this.client.sql(part.reach())
					.bind("session", session)
					.bind("from", from)
					.bind("size", size)
					.map((row) -> Optional.ofNullable(row.get("reach")))
					.one()
					.flatMap(Mono::justOrEmpty));
	}

	/**
	 * Removes a piece. Answers 0 if somebody else is at work on the session.
	 * @param reach where it ends, inclusive
	 */
	Mono<Long> removePiece(SessionPart part, long session, Object from, Object reach) {
		return this.database.write(bucket(session),
				this.client.sql(removePiece(part))
					.bind("session", session)
					.bind("from", from)
					.bind("reach", reach)
					.fetch()
					.rowsUpdated());
	}

	String removeWhole() {
		String these = "id = any (:sessions) and tenant = '" + SessionKey.PURGED + "'";
		return (engine() == Engine.POSTGRESQL) ? """
				with gone as (
				    delete from sessions where id = any (array(
				        select id from sessions where %s for update skip locked))
				    returning last_seq - first_seq + 1 as messages)
				select count(*) as sessions, cast(coalesce(sum(messages), 0) as bigint) as messages from gone
				""".formatted(these) : """
				select count(*) as sessions, cast(coalesce(sum(last_seq - first_seq + 1), 0) as bigint) as messages
				from old table (delete from sessions where %s)
				""".formatted(these);
	}

	/**
	 * The least key, not whether one exists: for the latter PostgreSQL would read a whole
	 * table whose statistics still say that it is full of this session.
	 */
	String removeEmptied() {
		return "delete from sessions where id = " + claim() + """
				    and (select min(seq) from messages where session_db_id = :session) is null
				    and (select min(idempotency_key) from append_keys where session_db_id = :session) is null
				    and (select min(switch_no) from agent_switches where context_db_id =
				        (select id from agent_contexts where session_db_id = :session)) is null
				""" + ((engine() == Engine.POSTGRESQL)
				? "and (select min(seq) from message_words where session_db_id = :session) is null" : "");
	}

	String removePiece(SessionPart part) {
		return part.remove(claim());
	}

	/**
	 * The session's own row, locked: only one replica is at work on it. H2 has one, and
	 * would lock it again for each row.
	 */
	private String claim() {
		return (engine() == Engine.POSTGRESQL) ? CLAIM : ":session";
	}

	private int bucket(long session) {
		return this.database.buckets().ofRow(session);
	}

	private Engine engine() {
		return this.database.engine();
	}

}
