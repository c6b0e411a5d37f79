package dev.agentsessions.session.lifecycle;

import java.util.Comparator;
import java.util.List;
import java.util.Map;

import dev.agentsessions.database.DatabaseCalls;
import dev.agentsessions.database.rows.Binding;
import dev.agentsessions.database.rows.RowReader;
import dev.agentsessions.paging.Merged;
import dev.agentsessions.paging.PagePieces;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.session.lifecycle.SessionLists.ListPlace;
import dev.agentsessions.web.json.Times;
import reactor.core.publisher.Mono;

import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.r2dbc.core.DatabaseClient.GenericExecuteSpec;
import org.springframework.stereotype.Repository;

/**
 * Lists of sessions with labels, a part of a title, or a time of creation, as far as
 * {@link SessionLists} doesn't have them through a lane, or of a tenant that has few. If
 * few pass they are found by their terms or their tenant and sorted; if many do, the list
 * is walked until there are enough. PostgreSQL decides, from its statistics, with the
 * values before it: on connections of the pool it plans each statement anew.
 */
@Repository
class SessionListRepository {

	private final DatabaseClient client;

	private final DatabaseCalls database;

	SessionListRepository(DatabaseClient client, DatabaseCalls database) {
		this.client = client;
		this.database = database;
	}

	/** Those before this one, the most recent first. */
	Mono<List<SessionRow>> byActivity(ListPlace place) {
		return read(byActivitySql(place), place, SessionLists.LATEST_FIRST);
	}

	/** Those behind this one, the oldest first. */
	Mono<List<SessionRow>> byCreation(ListPlace place) {
		return read(byCreationSql(place), place,
				place.filter().hasTimes() ? SessionLists.OLDEST_FIRST : SessionLists.IN_ORDER_OF_ID);
	}

	String byActivitySql(ListPlace place) {
		String all = " from sessions where " + SessionConditions.sql(this.database.engine(), place.filter());
		String select = "select " + SessionRow.COLUMNS + ", " + SessionLists.LATEST_KEYS;
		if (place.filter().owner() != null) {
			return PagePieces.atMostBytes(select + all + SessionLists.BEFORE, SessionLists.LATEST);
		}
		// as two parts, each of which can be a walk along idx_active_sessions
		return PagePieces.atMostBytes(
				select + " from ((select *" + all + " and is_active" + SessionLists.BEFORE + ") union all (select *"
						+ all + " and not is_active" + SessionLists.BEFORE
						+ ")) merged order by merged.last_activity desc, merged.id desc limit :most",
				SessionLists.LATEST);
	}

	String byCreationSql(ListPlace place) {
		SessionFilter filter = place.filter();
		String conditions = SessionConditions.sql(this.database.engine(), filter);
		String select = "select " + SessionRow.COLUMNS + ", " + SessionRow.BYTES
				+ ", created_at as moment, id as place";
		if (filter.hasTimes()) {
			return PagePieces.atMostBytes(select + " from sessions where " + conditions
					+ " and (created_at, id) > (:time, :id) and created_at between :time and :until"
					+ " order by sessions.created_at, sessions.id limit :most", "moment, place");
		}
		if (filter.owner() != null) {
			// along idx_session_terms_owner
			return PagePieces.atMostBytes(
					select + " from (select session_db_id from session_terms where tenant = :tenant and owner = :owner"
							+ " and session_db_id > :id) t join sessions on id = t.session_db_id where " + conditions
							+ " order by t.session_db_id limit :most",
					"place");
		}
		return PagePieces.atMostBytes(
				select + " from sessions where " + conditions + " and id > :id order by id limit :most", "place");
	}

	private Mono<List<SessionRow>> read(String sql, ListPlace place, Comparator<SessionRow> order) {
		GenericExecuteSpec select = Binding.bindNamed(this.client.sql(sql), sql, values(place));
		return this.database.findInEach(select.map((row) -> SessionRow.of(new RowReader(row))).all())
			.map((found) -> Merged.first(found, order, place.most(), SessionRow::bytes));
	}

	/** Everything that a statement may name. */
	static Map<String, Object> values(ListPlace place) {
		SessionFilter filter = place.filter();
		Map<String, Object> values = SessionConditions.values(place.tenant(), filter);
		values.put("id", place.id());
		values.put("most", place.most());
		values.put("time", place.time());
		values.put("since", place.from());
		values.put("until", (filter.to() != null) ? filter.to() : Times.MAX);
		return values;
	}

}
