package dev.agentsessions.write;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.agentsessions.database.LaneConnection;
import dev.agentsessions.database.RowArrays;
import dev.agentsessions.database.RowReader;
import dev.agentsessions.session.SessionKey;
import io.r2dbc.spi.Statement;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Locks the sessions of a batch on PostgreSQL and reads what belongs to them. The locked
 * row is the newest one, whatever the statement's snapshot says; everything else in the
 * statement is as old as the snapshot, which was taken before it waited for the lock. So
 * where the row is newer than the snapshot, what belongs to it is read once more: every
 * write to a session writes its row.
 */
final class LockStatement {

	private static final RowArrays<Place> SESSIONS = new RowArrays<Place>("t")
		.text("tenant", (place) -> place.wanted.session().tenant())
		.text("sid", (place) -> place.wanted.session().sessionId())
		.flag("may_be_new", (place) -> place.wanted.mayBeNew())
		.flag("agents", (place) -> place.wanted.agents())
		.flag("whole", (place) -> place.wanted.whole())
		.number("o", (place) -> place.no);

	private static final RowArrays<Place> LOCKED = new RowArrays<Place>("w").number("o", (place) -> place.no)
		.number("id", (place) -> place.found().id())
		.flag("agents", (place) -> place.wanted.agents())
		.flag("whole", (place) -> place.wanted.whole());

	private static final RowArrays<Key> KEYS = new RowArrays<Key>("q").number("o", Key::no).text("key", Key::key);

	/** Joined to rows w(o, id, agents, whole). */
	private static final String RELATED = """
			left join lateral (
			    select id, current_agent, switch_count, created_at::text, updated_at::text,
			        case when w.whole then metadata_json::text end as metadata,
			        case when w.whole then (
			            select s.switched_at::text from agent_switches s where s.context_db_id = a.id
			            order by s.switch_no desc limit 1) end as last_switch_at
			    from agent_contexts a where w.agents and a.session_db_id = w.id offset 0) c on true
			left join %2$s on q.o = w.o
			left join lateral (
			    select fingerprint, first_seq, last_seq, switch_json::text, created_at::text
			    from append_keys where session_db_id = w.id and idempotency_key = q.key offset 0) k on true
			""";

	private static final String RELATED_COLUMNS = """
			c.id, c.current_agent, c.switch_count, c.created_at, c.updated_at, c.metadata, c.last_switch_at,
			q.key, k.fingerprint, k.first_seq, k.last_seq, k.switch_json, k.created_at""";

	// no lock that foreign keys would wait for; in this order, so that replicas never
	// wait for each other in a circle. What is missing gets the id that it will have
	private static final String LOCK = ("""
			with wanted as materialized (
			    select * from %1$s
			    order by tenant collate "C", sid collate "C"),
			locked as materialized (
			    select w.o, s.* from wanted w cross join lateral (
			        select id, first_seq, last_seq, last_switch_no, total_tokens, created_at, last_activity,
			            last_message_at, deleted_at, case when w.whole then metadata_json end as metadata, xmin as version
			        from sessions where tenant = w.tenant and session_id = w.sid for no key update) s),
			now as materialized (select clock_timestamp() as now from (select count(*) from locked) l)
			select w.o, now.now::text, w.id is not null,
			    case when w.id is null and w.may_be_new then
			        nextval((select pg_get_serial_sequence('sessions', 'id'))::regclass) else coalesce(w.id, 0) end,
			    coalesce(w.first_seq, 1), coalesce(w.last_seq, 0), coalesce(w.last_switch_no, 0),
			    coalesce(w.total_tokens, 0), coalesce(w.created_at, now.now)::text,
			    coalesce(w.last_activity, now.now)::text, w.last_message_at::text, w.deleted_at::text, w.metadata::text,
			    case when w.agents and c.id is null then
			        nextval((select pg_get_serial_sequence('agent_contexts', 'id'))::regclass) else coalesce(c.id, 0) end,
			    coalesce(w.version <> (select v.xmin from sessions v where v.id = w.id), false) as is_newer,
			    """
			+ RELATED_COLUMNS + """

					from (select * from wanted left join locked using (o)) w cross join now
					""" + RELATED)
		.formatted(SESSIONS.sql(1), KEYS.sql(1 + SESSIONS.count()));

	private static final String READ = ("select w.o, " + RELATED_COLUMNS + """

			from %1$s
			""" + RELATED).formatted(LOCKED.sql(1), KEYS.sql(1 + LOCKED.count()));

	/** By their numbers, from 1. */
	private final List<Place> places = new ArrayList<>();

	private Instant now = Instant.EPOCH;

	private LockStatement(List<Wanted> wanted) {
		for (Wanted each : wanted) {
			this.places.add(new Place(this.places.size() + 1L, each));
		}
	}

	static Mono<LockedSessions> run(LaneConnection connection, List<Wanted> wanted) {
		LockStatement statement = new LockStatement(wanted);
		return statement.lock(connection).then(Mono.defer(() -> statement.readNewer(connection)));
	}

	private Mono<Void> lock(LaneConnection connection) {
		Statement statement = connection.connection().createStatement(LOCK);
		SESSIONS.bind(statement, 1, this.places);
		KEYS.bind(statement, 1 + SESSIONS.count(), keys(this.places));
		return connection.forEachRow(statement, this::takeLocked);
	}

	/** Does nothing if all that was read is as new as the locks. */
	private Mono<LockedSessions> readNewer(LaneConnection connection) {
		List<Place> newer = this.places.stream().filter(Place::isToBeReadAgain).toList();
		if (newer.isEmpty()) {
			return Mono.fromSupplier(this::all);
		}
		newer.forEach((place) -> place.found = place.found().with(null, Map.of()));
		Statement statement = connection.connection().createStatement(READ);
		LOCKED.bind(statement, 1, newer);
		KEYS.bind(statement, 1 + LOCKED.count(), keys(newer));
		return connection.forEachRow(statement, (row) -> place(row).takeRelated(row))
			.then(Mono.fromSupplier(this::all));
	}

	private static List<Key> keys(List<Place> places) {
		List<Key> keys = new ArrayList<>();
		for (Place place : places) {
			place.wanted.keys().forEach((key) -> keys.add(new Key(place.no, key)));
		}
		return keys;
	}

	private void takeLocked(RowReader row) {
		Place place = place(row);
		this.now = row.time();
		LockedSession session = LockedSession.read(place.wanted.session(), row);
		place.newer = row.flag();
		// a row for each key
		place.found = (place.found != null) ? place.found : session;
		place.takeRelated(row);
	}

	private Place place(RowReader row) {
		return this.places.get((int) row.number() - 1);
	}

	private LockedSessions all() {
		Map<SessionKey, LockedSession> byKey = new HashMap<>();
		this.places.forEach((place) -> byKey.put(place.wanted.session(), place.found()));
		return new LockedSessions(byKey, this.now);
	}

	private record Key(long no, String key) {
	}

	/** A session of the batch. */
	private static final class Place {

		private final long no;

		private final Wanted wanted;

		private @Nullable LockedSession found;

		/** Whether the locked row is newer than the snapshot of the statement. */
		private boolean newer;

		Place(long no, Wanted wanted) {
			this.no = no;
			this.wanted = wanted;
		}

		LockedSession found() {
			return Objects.requireNonNull(this.found);
		}

		boolean isToBeReadAgain() {
			return this.newer && this.wanted.needsRelated();
		}

		void takeRelated(RowReader row) {
			LockedSession session = found();
			HeldContext context = HeldContext.read(row);
			String key = row.optionalText();
			KeptAnswer answer = KeptAnswer.read(row);
			Map<String, KeptAnswer> kept = session.kept();
			if (key != null && answer != null) {
				kept = new HashMap<>(kept);
				kept.put(key, answer);
			}
			this.found = session.with(context, kept);
		}

	}

}
