package dev.agentsessions.retention;

import java.util.List;
import java.util.Map;

import dev.agentsessions.database.Columns;
import dev.agentsessions.database.DatabaseCalls;
import dev.agentsessions.database.Engine;
import dev.agentsessions.session.SessionKey;
import org.jspecify.annotations.Nullable;
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
			select id, 2 * (last_seq + last_switch_no) + 1 as rows_at_most from sessions
			where tenant = '%s' order by session_id limit :limit
			""".formatted(SessionKey.PURGED);

	private static final String CLAIM = """
			(select id from sessions where id = :session and tenant = '%s' for update skip locked)
			""".formatted(SessionKey.PURGED);

	private static final String TALLY = "count(*) as sessions, cast(coalesce(sum(messages), 0) as bigint) as messages";

	private final DatabaseClient client;

	private final DatabaseCalls database;

	RemovalRepository(DatabaseClient client, DatabaseCalls database) {
		this.client = client;
		this.database = database;
	}

	/** Some of what is to be removed. */
	Mono<List<PurgedSession>> find(int limit) {
		return this.database.findAll(this.client.sql(PURGED)
			.bind("limit", limit)
			.map((row) -> new PurgedSession(Columns.number(row, "id"), Columns.number(row, "rows_at_most")))
			.all());
	}

	/** Removes small sessions with everything that belongs to them. */
	Mono<Tally> removeWhole(List<Long> sessions) {
		return tally(removeWhole(), Map.of("sessions", sessions.toArray(Long[]::new)));
	}

	/** Removes the row of a session of which nothing else is left; else does nothing. */
	Mono<Tally> removeEmptied(long session) {
		return tally(removeEmptied(), Map.of("session", session));
	}

	/**
	 * Removes the next rows of a part, by the unique index on (owner, key). Empty if none
	 * is left, or somebody else is at work on the session.
	 * @param after the key up to which the part has been removed: to begin at the first
	 * again would pass over all the dead rows each time
	 */
	Mono<Piece> removePiece(Part part, long session, Object after, int size) {
		return this.database.write(this.client.sql(removePiece(part))
			.bind("session", session)
			.bind("after", after)
			.bind("size", size)
			.map((row) -> new Piece(Columns.number(row, "removed"), row.get("last")))
			.one()
			.filter((piece) -> piece.rows() > 0));
	}

	String removeWhole() {
		return counted(
				"""
						delete from sessions where id %s
						""".formatted(in("select id from sessions where id = any (:sessions) and tenant = '"
						+ SessionKey.PURGED + "' for update skip locked")),
				"last_seq - first_seq + 1 as messages", TALLY);
	}

	/**
	 * The least key, not whether one exists: for the latter PostgreSQL would read a whole
	 * table whose statistics still say that it is full of this session.
	 */
	String removeEmptied() {
		return counted("delete from sessions where id = " + CLAIM + """
				    and (select min(seq) from messages where session_db_id = :session) is null
				    and (select min(idempotency_key) from append_keys where session_db_id = :session) is null
				    and (select min(switch_no) from agent_switches where context_db_id =
				        (select id from agent_contexts where session_db_id = :session)) is null
				""", "0 as messages", TALLY);
	}

	String removePiece(Part part) {
		String next = "select %2$s from %1$s where %3$s and %2$s > :after order by %2$s limit :size"
			.formatted(part.table, part.key, part.owner.formatted(":session"));
		return counted("delete from " + part.table + " where " + part.owner.formatted(CLAIM) + " and " + part.key + " "
				+ in(next), part.key, "count(*) as removed, max(" + part.key + ") as last");
	}

	private Mono<Tally> tally(String sql, Map<String, ?> values) {
		return this.database.write(this.client.sql(sql)
			.bindValues(values)
			.map((row) -> new Tally(Columns.number(row, "sessions"), Columns.number(row, "messages")))
			.one());
	}

	/** A delete that answers figures of what it has removed. */
	private String counted(String delete, String columns, String figures) {
		return (engine() == Engine.POSTGRESQL)
				? "with gone as (" + delete + " returning " + columns + ") select " + figures + " from gone"
				: "select " + figures + " from (select " + columns + " from old table (" + delete + "))";
	}

	/** As an array PostgreSQL looks each up in the index, whatever else it expects. */
	private String in(String select) {
		return (engine() == Engine.POSTGRESQL) ? "= any (array(" + select + "))" : "in (" + select + ")";
	}

	private Engine engine() {
		return this.database.engine();
	}

	/** What of a session can be more than one statement should remove. */
	enum Part {

		MESSAGES("messages", "session_db_id = %s", "seq", Long.MIN_VALUE),

		SWITCHES("agent_switches", "context_db_id = (select id from agent_contexts where session_db_id = %s)",
				"switch_no", Long.MIN_VALUE),

		KEYS("append_keys", "session_db_id = %s", "idempotency_key", "");

		private final String table;

		private final String owner;

		private final String key;

		/** Before the first key. */
		final Object start;

		Part(String table, String owner, String key, Object start) {
			this.table = table;
			this.owner = owner;
			this.key = key;
			this.start = start;
		}

	}

	/**
	 * Some rows that were removed.
	 *
	 * @param last the key of the last of them
	 */
	record Piece(long rows, @Nullable Object last) {
	}

}
