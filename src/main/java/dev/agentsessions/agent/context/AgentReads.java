package dev.agentsessions.agent.context;

import java.util.Comparator;
import java.util.List;

import dev.agentsessions.agent.AgentContext;
import dev.agentsessions.agent.AgentSwitch;
import dev.agentsessions.database.DatabaseCalls;
import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.database.lane.LargeRowsApart;
import dev.agentsessions.database.lane.operation.BatchedSelect;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.database.rows.RowReader;
import dev.agentsessions.paging.Merged;
import dev.agentsessions.paging.PagePieces;
import dev.agentsessions.session.SessionKey;
import reactor.core.publisher.Mono;

import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;

/**
 * The agents of one session, found by the session's key in one statement, and lists of
 * them, through a lane. Nothing is found of a session that is missing, or deleted if that
 * is not asked for. Errors of all: 503.
 */
@Component
final class AgentReads {

	private static final String SESSION = "s.tenant = :tenant and s.session_id = :sid and (s.deleted_at is null or :with_deleted)";

	/**
	 * How far the contexts of all tenants are followed in search of one's: what has few
	 * here may have the next ones a million further on.
	 */
	private static final long MOST_WALKED = 1000;

	private static final RowArrays<InTenant> PLACES = new RowArrays<InTenant>("t").text("tenant", InTenant::tenant)
		.number("id", InTenant::after)
		.number("most", InTenant::most);

	/** Walks the primary key of the contexts. */
	private static final BatchedSelect<InTenant, AgentContext> CONTEXTS = new BatchedSelect<InTenant, AgentContext>(
			PLACES, contexts("(select * from agent_contexts where id > :id order by id limit " + MOST_WALKED + ") c"),
			(place, row) -> AgentContext.of(row))
		.heavy((place) -> PagePieces.WEIGHT);

	/** Planned anew with its values: from the sessions of a tenant that has few. */
	static final String FEW_CONTEXTS = contexts("agent_contexts c");

	private static final BatchedSelect<AgentPlace, AgentSwitch> NEWEST_FIRST = switches("switch_no < :at",
			"switch_no desc");

	private static final BatchedSelect<AgentPlace, AgentSwitch> OLDEST_FIRST = switches("switch_no > :at", "switch_no");

	private static final Comparator<AgentContext> BY_ID = Comparator.comparingLong(AgentContext::id);

	private final Lanes lanes;

	private final DatabaseClient client;

	private final DatabaseCalls database;

	private final LargeRowsApart<AgentPlace, AgentContext> contexts;

	AgentReads(Lanes lanes, DatabaseClient client, DatabaseCalls database) {
		this.lanes = lanes;
		this.client = client;
		this.database = database;
		this.contexts = new LargeRowsApart<>(database.engine(), sessions(), AgentContext.COLUMNS, "c.metadata_json",
				"from agent_contexts c join sessions s on s.id = c.session_db_id where " + SESSION, AgentContext::of);
	}

	/** Empty if there is none. */
	Mono<AgentContext> context(SessionKey key, boolean includeDeleted) {
		return this.contexts.read(this.lanes, key, new AgentPlace(key, includeDeleted, 0, 1))
			.flatMap(Mono::justOrEmpty);
	}

	/**
	 * Those of a tenant behind this one, in the order in which they were made, as far as
	 * {@link PagePieces} go.
	 */
	Mono<List<AgentContext>> contexts(String tenant, long after, int limit) {
		return PagePieces.read(after, limit, (from, most) -> contexts(new InTenant(tenant, from, most)),
				AgentContext::id, AgentContext::bytes);
	}

	private Mono<List<AgentContext>> contexts(InTenant place) {
		return this.lanes.readInEach(CONTEXTS, place)
			.flatMap((found) -> found.stream()
				.allMatch((rows) -> PagePieces.isFull(rows, place.most, AgentContext::bytes))
						? Mono.just(found)
						: this.database.findInEach(PLACES.bind(this.client.sql(FEW_CONTEXTS), place)
							.map((row) -> AgentContext.of(new RowReader(row)))
							.all()))
			.map((found) -> Merged.first(found, BY_ID, place.most, AgentContext::bytes));
	}

	private static String contexts(String from) {
		return PagePieces.atMostBytes(
				"select " + AgentContext.COLUMNS + ", " + AgentContext.BYTES + ", c.id as place from " + from
						+ " join sessions s on s.id = c.session_db_id"
						+ " where s.tenant = :tenant and s.deleted_at is null and c.id > :id order by c.id limit :most",
				"place");
	}

	/**
	 * The last switches before a number, or the first ones behind it, as far as
	 * {@link PagePieces} go.
	 */
	Mono<List<AgentSwitch>> switches(SessionKey key, boolean newestFirst, boolean includeDeleted, long from,
			int limit) {
		BatchedSelect<AgentPlace, AgentSwitch> select = newestFirst ? NEWEST_FIRST : OLDEST_FIRST;
		return PagePieces.read(from, limit,
				(at, most) -> this.lanes.read(key, select, new AgentPlace(key, includeDeleted, at, most)),
				AgentSwitch::switchNo, AgentSwitch::bytes);
	}

	/** Along the unique index on (context, number). */
	private static BatchedSelect<AgentPlace, AgentSwitch> switches(String range, String order) {
		return new BatchedSelect<>(sessions().number("at", AgentPlace::at).number("most", AgentPlace::most),
				PagePieces.atMostBytes("select " + AgentSwitch.COLUMNS + ", " + AgentSwitch.BYTES
						+ " from agent_switches where context_db_id = (select c.id from agent_contexts c"
						+ " join sessions s on s.id = c.session_db_id where " + SESSION + ") and " + range
						+ " order by " + order + " limit :most", order),
				(place, row) -> AgentSwitch.of(row))
			.heavy((place) -> PagePieces.WEIGHT);
	}

	private static RowArrays<AgentPlace> sessions() {
		return new RowArrays<AgentPlace>("t").text("tenant", (place) -> place.key.tenant())
			.text("sid", (place) -> place.key.sessionId())
			.flag("with_deleted", AgentPlace::includeDeleted);
	}

	/** A place in the history of a session, and how many are wanted from there. */
	private record AgentPlace(SessionKey key, boolean includeDeleted, long at, long most) {
	}

	/** A place in the list of a tenant's contexts, and how many are wanted from there. */
	private record InTenant(String tenant, long after, long most) {
	}

}
