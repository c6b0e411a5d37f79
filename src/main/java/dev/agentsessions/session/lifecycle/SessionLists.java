package dev.agentsessions.session.lifecycle;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;

import dev.agentsessions.database.DatabaseCalls;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.database.lane.operation.BatchedSelect;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.paging.Merged;
import dev.agentsessions.paging.PagePieces;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.web.json.Times;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Component;

/**
 * Lists of a tenant's sessions. What an index gives in the order of the list is read
 * through a lane; where it depends on the values which index is the best one, the list is
 * a {@link SessionSearch}. So it is where a tenant has few of the sessions that an index
 * of all leads along. Errors of all: 503.
 */
@Component
final class SessionLists {

	/** What a session is taken for when a batch is weighed, in bytes. */
	private static final long SESSION_SIZE = 300;

	/**
	 * How far an index of all tenants is followed in search of one: what has few here may
	 * have the next ones a million further on.
	 */
	private static final long MOST_WALKED = 1000;

	private static final String BEFORE_ALL = " and (last_activity, id) < (:time, :id) and last_activity >= :since"
			+ " order by sessions.last_activity desc, sessions.id desc limit ";

	/** Of the table: what is selected as last_activity is text. */
	static final String BEFORE = BEFORE_ALL + ":most";

	/**
	 * Walks idx_active_sessions backwards, and merges what other programs have called
	 * inactive without deleting it, by idx_inactive_sessions.
	 */
	private static final BatchedSelect<ListPlace, SessionRow> BY_ACTIVITY = byActivity("and deleted_at is null");

	/** Walks idx_active_sessions backwards twice, and merges. */
	private static final BatchedSelect<ListPlace, SessionRow> ALL_BY_ACTIVITY = byActivity("");

	/** Walks idx_session_owner backwards. */
	private static final String OWNED = "select %s from sessions where tenant = :tenant"
			+ " and owner = :owner and (deleted_at is null or :with_deleted)" + BEFORE;

	static final Comparator<SessionRow> IN_ORDER_OF_ID = Comparator.comparingLong(SessionRow::id);

	static final Comparator<SessionRow> LATEST_FIRST = Comparator.comparing(SessionRow::lastActivity)
		.thenComparing(IN_ORDER_OF_ID)
		.reversed();

	static final Comparator<SessionRow> OLDEST_FIRST = Comparator.comparing(SessionRow::createdAt)
		.thenComparing(IN_ORDER_OF_ID);

	/** The id of a row, and the transaction that wrote it. */
	private static final String VERSION = "concat(id, ',', xmin)";

	/** By which a list is ordered, as {@link #LATEST_KEYS} are called. */
	static final String LATEST = "moment desc, place desc";

	/** Behind the columns that are read. */
	static final String LATEST_KEYS = SessionRow.BYTES + ", last_activity as moment, id as place";

	static final String OWNED_SESSIONS = PagePieces
		.atMostBytes(OWNED.formatted(SessionRow.COLUMNS + ", " + LATEST_KEYS), LATEST);

	private static final BatchedSelect<ListPlace, SessionRow> OWNED_ROWS = select(OWNED_SESSIONS, owned());

	private static final BatchedSelect<ListPlace, ListedRow> OWNED_BY_ACTIVITY = new BatchedSelect<>(owned(),
			PagePieces.atMostBytes(OWNED.formatted(VERSION + " as version, " + SessionRow.COLUMNS + ", " + LATEST_KEYS),
					LATEST),
			(place, row) -> new ListedRow(row.text(), SessionRow.of(row)))
		.heavy((place) -> place.most * SESSION_SIZE);

	private static final BatchedSelect<ListPlace, List<String>> OWNED_VERSIONS = new BatchedSelect<>(owned(),
			"select string_agg(version, ';') from (" + OWNED.formatted(VERSION + " as version") + ") v",
			(place, row) -> versions(row.optionalText()));

	/**
	 * Walks the primary key: the order in which this store got to know them, which no
	 * later write changes.
	 */
	private static final BatchedSelect<ListPlace, SessionRow> BY_CREATION = select(
			PagePieces.atMostBytes("select " + SessionRow.COLUMNS + ", " + SessionRow.BYTES
					+ ", id as place from (select * from sessions where id > :id order by id limit " + MOST_WALKED
					+ ") walked where tenant = :tenant and (deleted_at is null or :with_deleted)"
					+ " order by walked.id limit :most", "place"),
			places().flag("with_deleted", ListPlace::withDeleted));

	private final Lanes lanes;

	private final SessionSearch search;

	private final ListedSessions sessions;

	private final DatabaseCalls database;

	SessionLists(Lanes lanes, SessionSearch search, ListedSessions sessions, DatabaseCalls database) {
		this.lanes = lanes;
		this.search = search;
		this.sessions = sessions;
		this.database = database;
	}

	/**
	 * Those before this one, the most recently active first, as far as {@link PagePieces}
	 * go.
	 */
	Mono<List<ListedSession>> byActivity(ListPlace place) {
		return PagePieces.read(place, place.most, (from, most) -> pieceByActivity(from.most(most)),
				(last) -> place.behind(last.row().lastActivity(), last.row()), ListedSession::bytes);
	}

	private Mono<List<ListedSession>> pieceByActivity(ListPlace place) {
		SessionFilter filter = place.filter();
		if (filter.isImpossible()) {
			return Mono.just(List.of());
		}
		if (filter.owner() != null && !filter.needsTerms()) {
			return owned(place);
		}
		return (filter.needsTerms() ? this.search.byActivity(place)
				: walk(filter.includeDeleted() ? ALL_BY_ACTIVITY : BY_ACTIVITY, place, LATEST_FIRST,
						Mono.defer(() -> this.search.byActivity(place))))
			.map(this::listed);
	}

	/** Those behind this one, the oldest first, as far as {@link PagePieces} go. */
	Mono<List<ListedSession>> byCreation(ListPlace place) {
		return PagePieces.read(place, place.most, (from, most) -> pieceByCreation(from.most(most)),
				(last) -> place.behind(place.filter.hasTimes() ? last.row().createdAt() : place.time, last.row()),
				ListedSession::bytes);
	}

	private Mono<List<ListedSession>> pieceByCreation(ListPlace place) {
		SessionFilter filter = place.filter();
		if (filter.isImpossible()) {
			return Mono.just(List.of());
		}
		boolean plain = !filter.needsTerms() && filter.owner() == null && !filter.hasTimes();
		Mono<List<SessionRow>> search = Mono.defer(() -> this.search.byCreation(place));
		return (plain ? walk(BY_CREATION, place, IN_ORDER_OF_ID, search) : search).map(this::listed);
	}

	/**
	 * First only their versions are read: mostly the sessions are here. Versions of
	 * several buckets could not be put into their order.
	 */
	private Mono<List<ListedSession>> owned(ListPlace place) {
		if (this.database.engine() == Engine.H2 || this.lanes.buckets().count() > 1) {
			return read(OWNED_ROWS, place, LATEST_FIRST).map(this::listed);
		}
		return readOne(OWNED_VERSIONS, place).flatMap((versions) -> {
			List<ListedSession> known = this.sessions.get(versions.get(0));
			if (known != null) {
				return Mono.just(known);
			}
			long epoch = this.sessions.epoch();
			return readOne(OWNED_BY_ACTIVITY, place)
				.map((rows) -> rows.stream().map((row) -> this.sessions.put(epoch, row.version, row.row)).toList());
		});
	}

	private <R> Mono<List<R>> readOne(BatchedSelect<ListPlace, R> select, ListPlace place) {
		return this.lanes.readInEach(select, place).map((found) -> found.get(0));
	}

	private Mono<List<SessionRow>> read(BatchedSelect<ListPlace, SessionRow> select, ListPlace place,
			Comparator<SessionRow> order) {
		return this.lanes.readInEach(select, place)
			.map((found) -> Merged.first(found, order, place.most, SessionRow::bytes));
	}

	private List<ListedSession> listed(List<SessionRow> rows) {
		return rows.stream().map(this.sessions::list).toList();
	}

	/**
	 * Follows an index as far as that may go, unless it leads to as many as are wanted.
	 */
	private Mono<List<SessionRow>> walk(BatchedSelect<ListPlace, SessionRow> select, ListPlace place,
			Comparator<SessionRow> order, Mono<List<SessionRow>> otherwise) {
		return this.lanes.readInEach(select, place)
			.flatMap(
					(found) -> found.stream().allMatch((rows) -> PagePieces.isFull(rows, place.most, SessionRow::bytes))
							? Mono.just(Merged.first(found, order, place.most, SessionRow::bytes)) : otherwise);
	}

	private static List<String> versions(@Nullable String text) {
		return (text != null) ? List.of(text.split(";")) : List.of();
	}

	private static RowArrays<ListPlace> owned() {
		return places().time("time", ListPlace::time)
			.time("since", ListPlace::from)
			.text("owner", ListPlace::owner)
			.flag("with_deleted", ListPlace::withDeleted);
	}

	/** A row with its version. */
	private record ListedRow(String version, SessionRow row) {
	}

	private static BatchedSelect<ListPlace, SessionRow> byActivity(String condition) {
		String part = "select * from (select * from sessions where %s " + condition + BEFORE_ALL + MOST_WALKED
				+ ") walked where tenant = :tenant order by walked.last_activity desc, walked.id desc limit :most";
		return select(
				PagePieces.atMostBytes("select " + SessionRow.COLUMNS + ", " + LATEST_KEYS + " from (("
						+ part.formatted("is_active") + ") union all (" + part.formatted("not is_active")
						+ ")) merged order by merged.last_activity desc, merged.id desc limit :most", LATEST),
				places().time("time", ListPlace::time).time("since", ListPlace::from));
	}

	private static BatchedSelect<ListPlace, SessionRow> select(String sql, RowArrays<ListPlace> places) {
		return new BatchedSelect<>(places, sql, (place, row) -> SessionRow.of(row))
			.heavy((place) -> place.most * SESSION_SIZE);
	}

	private static RowArrays<ListPlace> places() {
		return new RowArrays<ListPlace>("t").text("tenant", ListPlace::tenant)
			.number("id", ListPlace::id)
			.number("most", ListPlace::most);
	}

	/**
	 * A place in a list, and how many are wanted from there.
	 *
	 * @param time by which the list is ordered, if it is
	 */
	record ListPlace(String tenant, SessionFilter filter, Instant time, long id, long most) {

		/** Before all that are not later than wanted. */
		static ListPlace latest(String tenant, SessionFilter filter, long most) {
			return new ListPlace(tenant, filter, (filter.to() != null) ? filter.to() : Times.MAX, Long.MAX_VALUE, most);
		}

		/** Behind nothing that is wanted. */
		static ListPlace oldest(String tenant, SessionFilter filter, long most) {
			return new ListPlace(tenant, filter, (filter.from() != null) ? filter.from() : Times.MIN, 0, most);
		}

		ListPlace most(long most) {
			return new ListPlace(this.tenant, this.filter, this.time, this.id, most);
		}

		/** Behind a session that has this time in the order of the list. */
		ListPlace behind(Instant time, SessionRow last) {
			return new ListPlace(this.tenant, this.filter, time, last.id(), this.most);
		}

		boolean withDeleted() {
			return this.filter.includeDeleted();
		}

		Instant from() {
			Instant from = this.filter.from();
			return (from != null) ? from : Times.MIN;
		}

		String owner() {
			return String.valueOf(this.filter.owner());
		}

	}

}
