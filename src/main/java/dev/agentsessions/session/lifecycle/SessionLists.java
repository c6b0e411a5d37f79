package dev.agentsessions.session.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.paging.Merged;
import dev.agentsessions.paging.PagePieces;
import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.session.SessionTerms;
import dev.agentsessions.session.lifecycle.IndexedList.ListedRow;
import dev.agentsessions.session.lifecycle.IndexedList.Look;
import dev.agentsessions.web.json.Times;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Component;

/**
 * Lists of a tenant's sessions. What an index gives in the order of the list is read
 * through a lane, and so are the few that have some labels. Where it depends on the
 * values which index is the best one, or a tenant has few of the sessions that an index
 * of all leads along, the list is left to the {@link SessionListRepository}. Errors of
 * all: 503.
 */
@Component
final class SessionLists {

	private static final String BEHIND = " and (last_activity, id) < (:time, :id) and last_activity >= :since";

	/** Of the table: what is selected as last_activity is text. */
	static final String BEFORE = BEHIND + " order by sessions.last_activity desc, sessions.id desc limit :most";

	static final String LATEST_ROWS = "last_activity desc, id desc";

	/** Follows idx_session_owner backwards. */
	static final String OWNED = "tenant = :tenant and owner = :owner" + BEHIND;

	/** Found by idx_session_terms. */
	static final String LABELLED = "select session_db_id from session_terms where terms @> cast(:terms as integer[])";

	/**
	 * Follow idx_active_sessions backwards, and idx_inactive_sessions: other programs may
	 * have called inactive what they have not deleted.
	 */
	private static final List<String> ACTIVE_OR_NOT = List.of("is_active" + BEHIND, "not is_active" + BEHIND);

	private static final List<String> LIVE = ACTIVE_OR_NOT.stream()
		.map((walk) -> walk + " and deleted_at is null")
		.toList();

	private static final String OF_TENANT = "tenant = :tenant";

	private static final String WANTED = OF_TENANT + " and (deleted_at is null or :with_deleted)";

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

	private static final IndexedList OWNED_BY_ACTIVITY = byActivity(
			latest().text("owner", ListPlace::owner).flag("with_deleted", ListPlace::withDeleted), List.of(OWNED),
			WANTED);

	private static final IndexedList BY_ACTIVITY = byActivity(latest(), LIVE, OF_TENANT);

	private static final IndexedList ALL_BY_ACTIVITY = byActivity(latest(), ACTIVE_OR_NOT, OF_TENANT);

	private static final IndexedList LABELLED_BY_ACTIVITY = IndexedList.ofFew(
			latest().text("owner", ListPlace::owner)
				.text("terms", ListPlace::terms)
				.text("labels", ListPlace::labels)
				.flag("with_deleted", ListPlace::withDeleted),
			LABELLED, WANTED + " and labels_json @> cast(:labels as jsonb) and :owner in ('', owner)" + BEHIND,
			LATEST_ROWS, LATEST_KEYS, LATEST, LATEST_FIRST);

	/**
	 * Follows the primary key: the order in which this store got to know them, which no
	 * later write changes.
	 */
	private static final IndexedList BY_CREATION = IndexedList.of(places().flag("with_deleted", ListPlace::withDeleted),
			List.of("id > :id"), WANTED, "id", SessionRow.BYTES + ", id as place", "place", IN_ORDER_OF_ID);

	private final Lanes lanes;

	private final SessionListRepository repository;

	private final ListedSessions sessions;

	private final Engine engine;

	/** Of which it is known that many have them: the index is not asked for these. */
	private final Cache<String, Boolean> frequentLabels = Caffeine.newBuilder()
		.maximumSize(1000)
		.expireAfterWrite(Duration.ofMinutes(1))
		.executor(Runnable::run) // upkeep is short
		.build();

	SessionLists(Lanes lanes, SessionListRepository repository, ListedSessions sessions, Engine engine) {
		this.lanes = lanes;
		this.repository = repository;
		this.sessions = sessions;
		this.engine = engine;
	}

	private static IndexedList byActivity(RowArrays<ListPlace> places, List<String> walks, String condition) {
		return IndexedList.of(places, walks, condition, LATEST_ROWS, LATEST_KEYS, LATEST, LATEST_FIRST);
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
		Mono<List<ListedSession>> planned = Mono.defer(() -> this.repository.byActivity(place)).map(this::listed);
		if (filter.needsTerms()) {
			return (filter.title() == null) ? labelled(place).switchIfEmpty(planned) : planned;
		}
		return read(
				(filter.owner() != null) ? OWNED_BY_ACTIVITY : filter.includeDeleted() ? ALL_BY_ACTIVITY : BY_ACTIVITY,
				place)
			.switchIfEmpty(planned);
	}

	/** Empty if too many have these labels. */
	private Mono<List<ListedSession>> labelled(ListPlace place) {
		String terms = place.terms();
		return (this.frequentLabels.getIfPresent(terms) != null) ? Mono.empty()
				: read(LABELLED_BY_ACTIVITY, place).doOnSuccess((found) -> {
					if (found == null) {
						this.frequentLabels.put(terms, true);
					}
				});
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
		Mono<List<ListedSession>> planned = Mono.defer(() -> this.repository.byCreation(place)).map(this::listed);
		boolean plain = !filter.needsTerms() && filter.owner() == null && !filter.hasTimes();
		return plain ? read(BY_CREATION, place).switchIfEmpty(planned) : planned;
	}

	/**
	 * First only their versions are read: mostly the sessions are here. Empty if indexes
	 * were followed as far as that may go, and there may be others.
	 */
	private Mono<List<ListedSession>> read(IndexedList list, ListPlace place) {
		if (this.engine == Engine.H2) {
			return Mono.empty();
		}
		return this.lanes.readInEach(list.look(), place).flatMap((looks) -> {
			if (!looks.stream().allMatch((look) -> look.get(0).isEnough())) {
				return Mono.empty();
			}
			// those of several buckets could not be put into their order
			List<ListedSession> known = (looks.size() == 1) ? this.sessions.get(looks.get(0).get(0).versions()) : null;
			return (known != null) ? Mono.just(known) : read(list, place, looks);
		});
	}

	/** Empty if there are fewer by now: others may stand before them. */
	private Mono<List<ListedSession>> read(IndexedList list, ListPlace place, List<List<Look>> looks) {
		long epoch = this.sessions.epoch();
		return this.lanes.readInEach(list.rows(), place)
			.filter((found) -> IntStream.range(0, found.size())
				.allMatch((bucket) -> PagePieces.isFull(found.get(bucket), looks.get(bucket).get(0).versions().size(),
						ListedRow::bytes)))
			.map((found) -> Merged.first(found, list.order(), place.most, ListedRow::bytes)
				.stream()
				// of several buckets none is looked for
				.map((row) -> (found.size() == 1) ? this.sessions.put(epoch, row.version(), row.row())
						: this.sessions.list(row.row()))
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

		String terms() {
			return SessionTerms.wanted(this.tenant, this.filter.labels(), "");
		}

		String labels() {
			return SessionDetails.labelsJson(this.filter.labels());
		}

		boolean withDeleted() {
			return this.filter.includeDeleted();
		}

		Instant from() {
			Instant from = this.filter.from();
			return (from != null) ? from : Times.MIN;
		}

		/** Empty for anybody. */
		String owner() {
			String owner = this.filter.owner();
			return (owner != null) ? owner : "";
		}

	}

}
