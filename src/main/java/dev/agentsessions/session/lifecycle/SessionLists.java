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
 * Lists of a tenant's sessions, through a lane. Errors of all: 503.
 */
@Component
final class SessionLists {

	/** What a session is taken for when a batch is weighed, in bytes. */
	private static final long SESSION_SIZE = 300;

	/**
	 * Walks idx_active_sessions backwards, and merges what other programs have called
	 * inactive without deleting it, by idx_inactive_sessions.
	 */
	private static final BatchedSelect<ListPlace, SessionRow> BY_ACTIVITY = byActivity("and deleted_at is null");

	/** Walks idx_active_sessions backwards twice, and merges. */
	private static final BatchedSelect<ListPlace, SessionRow> ALL_BY_ACTIVITY = byActivity("");

	/**
	 * Walks the primary key: the order in which this store got to know them, which no
	 * later write changes.
	 */
	private static final BatchedSelect<ListPlace, SessionRow> BY_CREATION = select("select " + SessionRow.COLUMNS
			+ " from sessions where tenant = :tenant and id > :id and (deleted_at is null or :with_deleted) order by id limit :most",
			places().flag("with_deleted", ListPlace::withDeleted));

	private final Lanes lanes;

	SessionLists(Lanes lanes) {
		this.lanes = lanes;
	}

	/** Those before this one, the most recent first. */
	Mono<List<SessionRow>> byActivity(String tenant, boolean includeDeleted, Instant activity, long id, int limit) {
		return this.lanes.read(includeDeleted ? ALL_BY_ACTIVITY : BY_ACTIVITY,
				new ListPlace(tenant, activity, id, includeDeleted, limit));
	}

	/** Those behind this one, the oldest first. */
	Mono<List<SessionRow>> byCreation(String tenant, boolean includeDeleted, long id, int limit) {
		return this.lanes.read(BY_CREATION, new ListPlace(tenant, Instant.EPOCH, id, includeDeleted, limit));
	}

	private static BatchedSelect<ListPlace, SessionRow> byActivity(String condition) {
		String part = "select * from sessions where %s " + condition
				+ " and tenant = :tenant and (last_activity, id) < (:activity, :id)"
				+ " order by last_activity desc, id desc limit :most";
		return select(
				"select " + SessionRow.COLUMNS + " from ((" + part.formatted("is_active") + ") union all ("
						+ part.formatted("not is_active")
						+ ")) merged order by merged.last_activity desc, merged.id desc limit :most",
				places().time("activity", ListPlace::activity));
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

	/** A place in a list, and how many are wanted from there. */
	private record ListPlace(String tenant, Instant activity, long id, boolean withDeleted, long most) {
	}

}
