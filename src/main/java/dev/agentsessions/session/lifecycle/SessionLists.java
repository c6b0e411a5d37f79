package dev.agentsessions.session.lifecycle;

import java.time.Instant;
import java.util.List;

import dev.agentsessions.database.lane.BatchedSelect;
import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.session.SessionRow;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Component;

/**
 * Lists of a tenant's sessions. What an index gives in the order of the list is read
 * through a lane; where it depends on the values which index is the best one, the list is
 * a {@link SessionSearch}. Errors of all: 503.
 */
@Component
final class SessionLists {

	/** The last activity that a session can have. */
	static final Instant END_OF_TIME = Instant.parse("9999-12-31T23:59:59.999999Z");

	/** Times begin with the year 1. */
	static final Instant BEGINNING_OF_TIME = Instant.parse("0001-01-01T00:00:00Z");

	/** What a session is taken for when a batch is weighed, in bytes. */
	private static final long SESSION_SIZE = 300;

	/** Of the table: what is selected as last_activity is text. */
	static final String BEFORE = " and (last_activity, id) < (:time, :id) and last_activity >= :since"
			+ " order by sessions.last_activity desc, sessions.id desc limit :most";

	/**
	 * Walks idx_active_sessions backwards, and merges what other programs have called
	 * inactive without deleting it, by idx_inactive_sessions.
	 */
	private static final BatchedSelect<ListPlace, SessionRow> BY_ACTIVITY = byActivity("and deleted_at is null");

	/** Walks idx_active_sessions backwards twice, and merges. */
	private static final BatchedSelect<ListPlace, SessionRow> ALL_BY_ACTIVITY = byActivity("");

	/** Walks idx_session_owner backwards. */
	static final String OWNED = "select " + SessionRow.COLUMNS + " from sessions where tenant = :tenant"
			+ " and owner = :owner and (deleted_at is null or :with_deleted)" + BEFORE;

	private static final BatchedSelect<ListPlace, SessionRow> OWNED_BY_ACTIVITY = select(OWNED,
			places().time("time", ListPlace::time)
				.time("since", ListPlace::from)
				.text("owner", ListPlace::owner)
				.flag("with_deleted", ListPlace::withDeleted));

	/**
	 * Walks the primary key: the order in which this store got to know them, which no
	 * later write changes.
	 */
	private static final BatchedSelect<ListPlace, SessionRow> BY_CREATION = select("select " + SessionRow.COLUMNS
			+ " from sessions where tenant = :tenant and id > :id and (deleted_at is null or :with_deleted) order by id limit :most",
			places().flag("with_deleted", ListPlace::withDeleted));

	private final Lanes lanes;

	private final SessionSearch search;

	SessionLists(Lanes lanes, SessionSearch search) {
		this.lanes = lanes;
		this.search = search;
	}

	/** Those before this one, the most recently active first. */
	Mono<List<SessionRow>> byActivity(ListPlace place) {
		SessionFilter filter = place.filter();
		if (filter.isImpossible()) {
			return Mono.just(List.of());
		}
		return filter.needsTerms() ? this.search.byActivity(place) : this.lanes.read(
				(filter.owner() != null) ? OWNED_BY_ACTIVITY : filter.includeDeleted() ? ALL_BY_ACTIVITY : BY_ACTIVITY,
				place);
	}

	/** Those behind this one, the oldest first. */
	Mono<List<SessionRow>> byCreation(ListPlace place) {
		SessionFilter filter = place.filter();
		if (filter.isImpossible()) {
			return Mono.just(List.of());
		}
		boolean plain = !filter.needsTerms() && filter.owner() == null && !filter.hasTimes();
		return plain ? this.lanes.read(BY_CREATION, place) : this.search.byCreation(place);
	}

	private static BatchedSelect<ListPlace, SessionRow> byActivity(String condition) {
		String part = "select * from sessions where %s " + condition + " and tenant = :tenant" + BEFORE;
		return select(
				"select " + SessionRow.COLUMNS + " from ((" + part.formatted("is_active") + ") union all ("
						+ part.formatted("not is_active")
						+ ")) merged order by merged.last_activity desc, merged.id desc limit :most",
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
			return new ListPlace(tenant, filter, (filter.to() != null) ? filter.to() : END_OF_TIME, Long.MAX_VALUE,
					most);
		}

		/** Behind nothing that is wanted. */
		static ListPlace oldest(String tenant, SessionFilter filter, long most) {
			return new ListPlace(tenant, filter, (filter.from() != null) ? filter.from() : BEGINNING_OF_TIME, 0, most);
		}

		boolean withDeleted() {
			return this.filter.includeDeleted();
		}

		Instant from() {
			Instant from = this.filter.from();
			return (from != null) ? from : BEGINNING_OF_TIME;
		}

		String owner() {
			return String.valueOf(this.filter.owner());
		}

	}

}
