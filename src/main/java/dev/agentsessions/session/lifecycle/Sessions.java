package dev.agentsessions.session.lifecycle;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Function;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.paging.Cursor;
import dev.agentsessions.paging.Page;
import dev.agentsessions.session.RowIds;
import dev.agentsessions.session.SessionIds;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionReads;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Write.Fate;
import dev.agentsessions.write.Writes;
import dev.agentsessions.write.Written;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Service;

/**
 * What can be done with a session as a whole. All methods: 503 when the database is away
 * or busy.
 */
@Service
class Sessions {

	private static final String BY_ACTIVITY = "sessions-by-activity";

	private static final String BY_CREATION = "sessions-by-creation";

	/** With ids as they are. */
	private static final String OLDER_BY_ACTIVITY = "sessions:activity";

	private static final String OLDER_BY_CREATION = "sessions:created";

	/** The last activity that a session can have. */
	private static final Instant END_OF_TIME = Instant.parse("9999-12-31T23:59:59.999999Z");

	private final SessionLists lists;

	private final SessionReads reads;

	private final Writes writes;

	private final Clock clock;

	private final RowIds rows;

	Sessions(SessionLists lists, SessionReads reads, Writes writes, Clock clock, RowIds rows) {
		this.lists = lists;
		this.reads = reads;
		this.writes = writes;
		this.clock = clock;
		this.rows = rows;
	}

	/**
	 * Creates a session. Errors: 409 if it exists, 410 if it is soft-deleted.
	 * @param sessionId null for a new UUIDv7
	 */
	Mono<SessionRow> create(String tenant, @Nullable String sessionId, @Nullable JsonText metadata) {
		return change(Write
			.create(new SessionKey(tenant, (sessionId != null) ? sessionId : SessionIds.next(this.clock)), metadata));
	}

	/** One session. Errors: 404, 410. */
	Mono<SessionRow> load(SessionKey key, boolean includeDeleted) {
		return this.reads.require(key, includeDeleted);
	}

	/** Replaces the metadata; counts as activity. Errors: 404, 410. */
	Mono<SessionRow> updateMetadata(SessionKey key, JsonText metadata) {
		return change(Write.metadata(key, metadata));
	}

	/** Soft-deletes. Errors: 404, 410 if it is already. */
	Mono<Void> softDelete(SessionKey key) {
		return change(Write.fate(key, Fate.DELETED)).then();
	}

	/**
	 * Removes for good, with everything that belongs to it: when this has completed
	 * nobody can read it any more, and its rows go in the background. Errors: 404.
	 */
	Mono<Void> hardDelete(SessionKey key) {
		return change(Write.fate(key, Fate.REMOVED)).then();
	}

	/**
	 * Undoes a soft delete; counts as activity. Errors: 404, 409 if it is not deleted.
	 */
	Mono<SessionRow> restore(SessionKey key) {
		return change(Write.fate(key, Fate.RESTORED));
	}

	private Mono<SessionRow> change(Write write) {
		return this.writes.write(write).mapNotNull(Written::session);
	}

	/**
	 * By last activity, the most recent first; a session that is written to meanwhile
	 * moves to the front.
	 */
	Mono<Page<SessionRow>> listByActivity(String tenant, boolean includeDeleted, int limit, @Nullable String cursor) {
		return this.rows.whenReady(Mono.defer(() -> {
			long[] last = (cursor != null) ? Cursor.read(cursor, 2, BY_ACTIVITY, OLDER_BY_ACTIVITY) : null;
			Instant activity = (last != null) ? Instant.EPOCH.plus(last[0], ChronoUnit.MICROS) : END_OF_TIME;
			long id = (last != null) ? this.rows.open(last[1]) : Long.MAX_VALUE;
			return this.lists.byActivity(tenant, includeDeleted, activity, id, limit + 1);
		}))
			.map((sessions) -> page(sessions, limit, "activity", includeDeleted,
					(row) -> Cursor.of(BY_ACTIVITY, micros(row.lastActivity()), this.rows.seal(row.id()))));
	}

	/** The oldest first; complete even while sessions are written to. */
	Mono<Page<SessionRow>> listByCreation(String tenant, boolean includeDeleted, int limit, @Nullable String cursor) {
		return this.rows.whenReady(Mono.defer(() -> {
			long after = (cursor != null) ? this.rows.open(Cursor.read(cursor, 1, BY_CREATION, OLDER_BY_CREATION)[0])
					: 0;
			return this.lists.byCreation(tenant, includeDeleted, after, limit + 1);
		}))
			.map((sessions) -> page(sessions, limit, "created", includeDeleted,
					(row) -> Cursor.of(BY_CREATION, this.rows.seal(row.id()))));
	}

	private static Page<SessionRow> page(List<SessionRow> rows, int limit, String order, boolean includeDeleted,
			Function<SessionRow, String> cursor) {
		return Page.of(rows, limit,
				(last) -> "/v1/sessions?order=" + order + (includeDeleted ? "&include_deleted=true" : "") + "&limit="
						+ limit + "&cursor=" + cursor.apply(last));
	}

	private static long micros(Instant time) {
		// not ChronoUnit.MICROS.between: it counts nanoseconds first, which overflow
		// after 292 years
		return Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000L), time.getNano() / 1000);
	}

}
