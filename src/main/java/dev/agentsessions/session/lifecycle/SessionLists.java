package dev.agentsessions.session.lifecycle;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

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

	/** By which a list is ordered, as {@link #LATEST_KEYS} are called. */
	static final String LATEST = "moment desc, place desc";

	/** Behind the columns that are read. */
	static final String LATEST_KEYS = SessionRow.BYTES + ", last_activity as moment, id as place";

	static final Comparator<SessionRow> IN_ORDER_OF_ID = Comparator.comparingLong(SessionRow::id);

	static final Comparator<SessionRow> LATEST_FIRST = Comparator.comparing(SessionRow::lastActivity)
		.thenComparing(IN_ORDER_OF_ID)
		.reversed();

	static final Comparator<SessionRow> OLDEST_FIRST = Comparator.comparing(SessionRow::createdAt)
		.thenComparing(IN_ORDER_OF_ID);

	static final String OWNED = "select %s from sessions where tenant = :tenant"
			+ " and owner = :owner and (deleted_at is null or :with_deleted)" + BEFORE;

	/** The id of a row, and the transaction that wrote it. */
	private static final String VERSION = "concat(id, ',', xmin)";

	private final Lanes lanes;

	private final SessionSearch search;

	private final ListedSessions sessions;

	/**
	 * Whether rows have versions: not those of H2. Nor could versions of several buckets
	 * be put into their order.
	 */
	private final boolean hasVersions;

	/** Walks idx_session_owner backwards. */
	private final IndexedList owned;

	/**
	 * Walks idx_active_sessions backwards, and merges what other programs have called
	 * inactive without deleting it, by idx_inactive_sessions.
	 */
	private final IndexedList byActivity;

	/** Walks both backwards, and merges. */
	private final IndexedList allByActivity;

	/**
	 * Walks the primary key: the order in which this store got to know them, which no
	 * later write changes.
	 */
	private final IndexedList byCreation;

	SessionLists(Lanes lanes, SessionSearch search, ListedSessions sessions, DatabaseCalls database) {
		this.lanes = lanes;
		this.search = search;
		this.sessions = sessions;
		this.hasVersions = database.engine() == Engine.POSTGRESQL && lanes.buckets().count() == 1;
		String all = this.hasVersions ? "xmin, *" : "*";
		this.owned = byActivity(OWNED,
				latest().text("owner", ListPlace::owner).flag("with_deleted", ListPlace::withDeleted), true);
		this.byActivity = byActivity(walkedByActivity(all, "and deleted_at is null"), latest(), false);
		this.allByActivity = byActivity(walkedByActivity(all, ""), latest(), false);
		this.byCreation = list(
				"select %s from (select " + all + " from sessions where id > :id order by id limit " + MOST_WALKED
						+ ") walked where tenant = :tenant and (deleted_at is null or :with_deleted)"
						+ " order by walked.id limit :most",
				SessionRow.BYTES + ", id as place", "place", places().flag("with_deleted", ListPlace::withDeleted),
				IN_ORDER_OF_ID, false);
	}

	private static String walkedByActivity(String all, String condition) {
		String part = "select * from (select " + all + " from sessions where %s " + condition + BEFORE_ALL + MOST_WALKED
				+ ") walked where tenant = :tenant order by walked.last_activity desc, walked.id desc limit :most";
		return "select %s from ((" + part.formatted("is_active") + ") union all (" + part.formatted("not is_active")
				+ ")) merged order by merged.last_activity desc, merged.id desc limit :most";
	}

	private IndexedList byActivity(String query, RowArrays<ListPlace> places, boolean isWhole) {
		return list(query, LATEST_KEYS, LATEST, places, LATEST_FIRST, isWhole);
	}

	private IndexedList list(String query, String keys, String order, RowArrays<ListPlace> places,
			Comparator<SessionRow> comparator, boolean isWhole) {
		String version = (this.hasVersions ? VERSION : "''") + " as version";
		return new IndexedList(
				new BatchedSelect<>(places, "select string_agg(version, ';') from (" + query.formatted(version) + ") v",
						(place, row) -> versions(row.optionalText())),
				new BatchedSelect<ListPlace, ListedRow>(places,
						PagePieces.atMostBytes(query.formatted(version + ", " + SessionRow.COLUMNS + ", " + keys),
								order),
						(place, row) -> new ListedRow(row.text(), SessionRow.of(row)))
					.heavy((place) -> place.most * SESSION_SIZE),
				Comparator.comparing(ListedRow::row, comparator), isWhole);
	}

	private static List<String> versions(@Nullable String text) {
		return (text != null) ? List.of(text.split(";")) : List.of();
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
		Mono<List<ListedSession>> search = Mono.defer(() -> this.search.byActivity(place)).map(this::listed);
		if (filter.needsTerms()) {
			return search;
		}
		return read(
				(filter.owner() != null) ? this.owned : filter.includeDeleted() ? this.allByActivity : this.byActivity,
				place)
			.switchIfEmpty(search);
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
		Mono<List<ListedSession>> search = Mono.defer(() -> this.search.byCreation(place)).map(this::listed);
		boolean plain = !filter.needsTerms() && filter.owner() == null && !filter.hasTimes();
		return plain ? read(this.byCreation, place).switchIfEmpty(search) : search;
	}

	/**
	 * First only their versions are read: mostly the sessions are here. Empty if the
	 * index was followed as far as that may go, and there may be others.
	 */
	private Mono<List<ListedSession>> read(IndexedList list, ListPlace place) {
		if (!this.hasVersions) {
			return read(list, place, (row) -> this.sessions.list(row.row));
		}
		return this.lanes.readInEach(list.versions, place).flatMap((found) -> {
			List<String> versions = found.get(0).get(0);
			if (!list.isWhole && versions.size() < place.most) {
				return Mono.empty();
			}
			List<ListedSession> known = this.sessions.get(versions);
			if (known != null) {
				return Mono.just(known);
			}
			long epoch = this.sessions.epoch();
			return read(list, place, (row) -> this.sessions.put(epoch, row.version, row.row));
		});
	}

	private Mono<List<ListedSession>> read(IndexedList list, ListPlace place,
			Function<ListedRow, ListedSession> listed) {
		return this.lanes.readInEach(list.rows, place)
			.filter((found) -> list.isWhole
					|| found.stream().allMatch((rows) -> PagePieces.isFull(rows, place.most, ListedRow::bytes)))
			.map((found) -> Merged.first(found, list.order, place.most, ListedRow::bytes)
				.stream()
				.map(listed)
				.toList());
	}

	private List<ListedSession> listed(List<SessionRow> rows) {
		return rows.stream().map(this.sessions::list).toList();
	}

	private static RowArrays<ListPlace> latest() {
		return places().time("time", ListPlace::time).time("since", ListPlace::from);
	}

	private static RowArrays<ListPlace> places() {
		return new RowArrays<ListPlace>("t").text("tenant", ListPlace::tenant)
			.number("id", ListPlace::id)
			.number("most", ListPlace::most);
	}

	/**
	 * A list that an index gives in its order.
	 *
	 * @param isWhole whether it is read to its end, not only as far as an index of all
	 * tenants may be followed
	 */
	private record IndexedList(BatchedSelect<ListPlace, List<String>> versions,
			BatchedSelect<ListPlace, ListedRow> rows, Comparator<ListedRow> order, boolean isWhole) {
	}

	/** A row with its version. */
	private record ListedRow(String version, SessionRow row) {

		long bytes() {
			return this.row.bytes();
		}

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
