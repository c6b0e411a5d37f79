package dev.agentsessions.session.lifecycle;

import java.time.Clock;
import java.util.List;
import java.util.function.Function;

import dev.agentsessions.paging.Cursor;
import dev.agentsessions.paging.Page;
import dev.agentsessions.paging.RowIds;
import dev.agentsessions.session.DetailsChange;
import dev.agentsessions.session.SessionIds;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionReads;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.session.lifecycle.SessionLists.ListPlace;
import dev.agentsessions.web.json.Times;
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

	private static final String BY_TIME_OF_CREATION = "sessions-by-time-of-creation";

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
	Mono<SessionRow> create(String tenant, @Nullable String sessionId, DetailsChange details) {
		return change(Write
			.create(new SessionKey(tenant, (sessionId != null) ? sessionId : SessionIds.next(this.clock)), details));
	}

	/** One session. Errors: 404, 410. */
	Mono<SessionRow> load(SessionKey key, boolean includeDeleted) {
		return this.reads.require(key, includeDeleted);
	}

	/**
	 * Changes the details; counts as activity. Errors: 400 if they would have too many
	 * labels, 404, 410.
	 */
	Mono<SessionRow> update(SessionKey key, DetailsChange details) {
		return change(Write.details(key, details));
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
	Mono<Page<ListedSession>> listByActivity(String tenant, SessionFilter filter, int limit, @Nullable String cursor) {
		return this.rows.whenReady(Mono.defer(() -> {
			long[] last = (cursor != null) ? Cursor.read(cursor, 2, BY_ACTIVITY) : null;
			return this.lists.byActivity((last != null) ? place(tenant, filter, last, limit + 1)
					: ListPlace.latest(tenant, filter, limit + 1));
		}))
			.map((sessions) -> page(sessions, limit, "activity", filter,
					(row) -> Cursor.of(BY_ACTIVITY, Times.toMicros(row.lastActivity()), this.rows.seal(row.id()))));
	}

	/** The oldest first; complete even while sessions are written to. */
	Mono<Page<ListedSession>> listByCreation(String tenant, SessionFilter filter, int limit, @Nullable String cursor) {
		return this.rows.whenReady(Mono.defer(() -> {
			ListPlace first = ListPlace.oldest(tenant, filter, limit + 1);
			if (cursor == null) {
				return this.lists.byCreation(first);
			}
			if (filter.hasTimes()) {
				return this.lists
					.byCreation(place(tenant, filter, Cursor.read(cursor, 2, BY_TIME_OF_CREATION), limit + 1));
			}
			long after = this.rows.openCursor(Cursor.read(cursor, 1, BY_CREATION)[0]);
			return this.lists.byCreation(new ListPlace(tenant, filter, first.time(), after, limit + 1));
		}))
			.map((sessions) -> page(sessions, limit, "created", filter,
					(row) -> filter.hasTimes()
							? Cursor.of(BY_TIME_OF_CREATION, Times.toMicros(row.createdAt()), this.rows.seal(row.id()))
							: Cursor.of(BY_CREATION, this.rows.seal(row.id()))));
	}

	private ListPlace place(String tenant, SessionFilter filter, long[] cursor, int most) {
		return new ListPlace(tenant, filter, Times.ofMicros(cursor[0]), this.rows.openCursor(cursor[1]), most);
	}

	private static Page<ListedSession> page(List<ListedSession> rows, int limit, String order, SessionFilter filter,
			Function<SessionRow, String> cursor) {
		return Page.of(rows, limit, ListedSession::bytes, (last) -> "/v1/sessions?order=" + order + filter.query()
				+ "&limit=" + limit + "&cursor=" + cursor.apply(last.row()));
	}

}
