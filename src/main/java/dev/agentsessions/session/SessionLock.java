package dev.agentsessions.session;

import java.time.Instant;

import dev.agentsessions.database.Columns;
import dev.agentsessions.database.LaneConnection;
import dev.agentsessions.problem.Problems;
import io.r2dbc.spi.Readable;
import reactor.core.publisher.Mono;

/**
 * The lock that every transaction of a session starts with; whatever belongs to the
 * session is decided and written under it. A transaction holds the lock of one session
 * only, so these can't deadlock with each other.
 */
public final class SessionLock {

	private static final String LOCK = """
			select id, first_seq, last_seq, last_switch_no, deleted_at from sessions
			where tenant = :tenant and session_id = :sid for update
			""";

	private static final String CREATE = """
			insert into sessions (tenant, session_id) values (:tenant, :sid) on conflict do nothing
			""";

	private static final String TOUCH = """
			update sessions set last_activity = :now, is_active = true where id = :id
			""";

	private SessionLock() {
	}

	/**
	 * Locks the session's row. Errors: 404, unless it may be created; 410.
	 * @param create whether to create the session if it does not exist
	 */
	public static Mono<LockedSession> take(LaneConnection connection, SessionKey key, boolean create) {
		Mono<LockedSession> missing = create ? create(connection, key) : Mono.error(SessionProblems::notFound);
		return lock(connection, key, false).switchIfEmpty(missing);
	}

	/** Records activity on a locked session. */
	public static Mono<Void> touch(LaneConnection connection, LockedSession session) {
		return connection.client().sql(TOUCH).bind("now", session.now()).bind("id", session.id()).then();
	}

	private static Mono<LockedSession> create(LaneConnection connection, SessionKey key) {
		return connection.client()
			.sql(CREATE)
			.bind("tenant", key.tenant())
			.bind("sid", key.sessionId())
			.fetch()
			.rowsUpdated()
			.flatMap((rows) -> lock(connection, key, rows > 0))
			// created by somebody and removed by somebody between the two statements
			.switchIfEmpty(Mono.error(() -> Problems.busy("The session is being removed; nothing was done.")));
	}

	private static Mono<LockedSession> lock(LaneConnection connection, SessionKey key, boolean created) {
		return connection.client()
			.sql(LOCK)
			.bind("tenant", key.tenant())
			.bind("sid", key.sessionId())
			.map((row) -> locked(row, created))
			.one()
			.flatMap((locked) -> now(connection).map((now) -> new LockedSession(locked.id(), locked.firstSeq(),
					locked.lastSeq(), locked.lastSwitchNo(), now, locked.created())));
	}

	private static LockedSession locked(Readable row, boolean created) {
		if (Columns.optionalTime(row, "deleted_at") != null) {
			throw SessionProblems.deleted();
		}
		return new LockedSession(Columns.number(row, "id"), Columns.number(row, "first_seq"),
				Columns.number(row, "last_seq"), Columns.number(row, "last_switch_no"), Instant.EPOCH, created);
	}

	private static Mono<Instant> now(LaneConnection connection) {
		return connection.client()
			.sql("select " + connection.engine().clock() + " as now")
			.map((row) -> Columns.time(row, "now"))
			.one();
	}

}
