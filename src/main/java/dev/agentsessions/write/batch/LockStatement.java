package dev.agentsessions.write.batch;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

import dev.agentsessions.database.Buckets;
import dev.agentsessions.database.lane.operation.LaneConnection;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.database.rows.RowReader;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.StoredLines;
import dev.agentsessions.problem.UnexpectedErrors;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.write.HeldContext;
import dev.agentsessions.write.KeptAnswer;
import dev.agentsessions.write.LockedSession;
import dev.agentsessions.write.LockedSession.KnownMessage;
import io.r2dbc.spi.Statement;
import reactor.core.publisher.Mono;

/**
 * Locks the sessions of a batch on PostgreSQL, and reads what belongs to them. A row that
 * is locked is the newest one, whatever the statement's snapshot says; all else that a
 * statement sees is as old as its beginning. So what belongs to the sessions is read by a
 * second statement, which is sent with the first and begins when the locks are held.
 */
final class LockStatement {

	private static final RowArrays<WantedPlace> SESSIONS = new RowArrays<WantedPlace>("t")
		.text("tenant", (place) -> place.wanted.session().tenant())
		.text("sid", (place) -> place.wanted.session().sessionId())
		.flag("may_be_new", (place) -> place.wanted.mayBeNew())
		.flag("whole", (place) -> place.wanted.whole())
		.number("o", WantedPlace::no);

	// no lock that foreign keys would wait for; in this order, so that replicas never
	// wait for each other in a circle. What is missing gets the id that it will have
	private static final String LOCK = """
			with wanted as materialized (
			    select * from %s
			    order by tenant collate "C", sid collate "C"),
			locked as materialized (
			    select w.o, s.* from wanted w cross join lateral (
			        select id, first_seq, last_seq, last_switch_no, total_tokens, created_at, last_activity,
			            last_message_at, deleted_at, case when w.whole then array[metadata_json::text, owner, title,
			                labels_json::text, expires_at::text] end as details, last_view_no, view_json,
			            forked_from_json
			        from sessions where tenant = w.tenant and session_id = w.sid for no key update) s),
			n as materialized (
			    select clock_timestamp() as now, pg_current_xact_id() as transaction
			    from (select count(*) from locked) l)
			select w.o, n.now::text, n.transaction::text, extract(microseconds from n.now - statement_timestamp())::bigint,
			    w.id is not null, case when w.id is null and w.may_be_new then %s else coalesce(w.id, 0) end,
			    coalesce(w.first_seq, 1), coalesce(w.last_seq, 0), coalesce(w.last_switch_no, 0),
			    coalesce(w.total_tokens, 0), coalesce(w.created_at, n.now)::text,
			    coalesce(w.last_activity, n.now)::text, w.last_message_at::text, w.deleted_at::text, w.details,
			    coalesce(w.last_view_no, 0), w.view_json::text, w.forked_from_json::text
			from (select * from wanted left join locked using (o)) w cross join n
			""";

	private static final String TRANSACTION = "select pg_current_xact_id()::text";

	private static final String COUNT = "select nextval('public.store_row_ids') from generate_series(1, $1)";

	private static final RowArrays<WantedPlace> RELATED = new RowArrays<WantedPlace>("w")
		.text("tenant", (place) -> place.wanted.session().tenant())
		.text("sid", (place) -> place.wanted.session().sessionId())
		.flag("agents", (place) -> place.wanted.agents())
		.flag("whole", (place) -> place.wanted.whole())
		.number("o", WantedPlace::no);

	private static final RowArrays<WantedKey> KEYS = new RowArrays<WantedKey>("q").number("o", WantedKey::no)
		.text("key", WantedKey::key);

	private static final String READ = """
			select w.o, case when w.agents and c.id is null then %s else coalesce(c.id, 0) end,
			    c.id, c.current_agent, c.switch_count, c.created_at, c.updated_at, c.metadata, c.last_switch_at,
			    q.key, k.fingerprint, k.first_seq, k.last_seq, k.switch_json, k.created_at, k.view_json
			from %s
			left join lateral (
			    select id from sessions where tenant = w.tenant and session_id = w.sid offset 0) s on true
			left join lateral (
			    select id, current_agent, switch_count, created_at::text, updated_at::text,
			        case when w.whole then metadata_json::text end as metadata,
			        case when w.whole then (
			            select s.switched_at::text from agent_switches s where s.context_db_id = a.id
			            order by s.switch_no desc limit 1) end as last_switch_at
			    from agent_contexts a where w.agents and a.session_db_id = s.id offset 0) c on true
			left join %s on q.o = w.o
			left join lateral (
			    select fingerprint, first_seq, last_seq, switch_json::text, created_at::text, view_json::text
			    from append_keys where session_db_id = s.id and idempotency_key = q.key offset 0) k on true
			""";

	private static final Texts OF_ONE_BUCKET = new Texts(
			"nextval((select pg_get_serial_sequence('sessions', 'id'))::regclass)",
			"nextval((select pg_get_serial_sequence('agent_contexts', 'id'))::regclass)");

	/** A node of Citus would count by itself. */
	private static final Texts OF_SEVERAL_BUCKETS = new Texts("0", "0");

	private static final RowArrays<MessageId> MESSAGE_IDS = new RowArrays<MessageId>("q")
		.text("tenant", (id) -> id.place.wanted.session().tenant())
		.text("sid", (id) -> id.place.wanted.session().sessionId())
		.number("o", (id) -> id.place.no)
		.text("id", MessageId::id)
		.number("most", MessageId::mostBytes);

	// the message itself is not read where it cannot be the one that was sent
	private static final String KNOWN = """
			select q.o, q.id, m.lines from %s
			cross join lateral (
			    select id, first_seq from sessions where tenant = q.tenant and session_id = q.sid offset 0) s
			cross join lateral (%s) m where m.lines is not null
			""".formatted(MESSAGE_IDS.sql(1),
			StoredLines.small(
					"select * from messages where session_db_id = s.id and message_id = q.id and seq >= s.first_seq",
					"q.most"));

	/** By their numbers, from 1. */
	private final List<WantedPlace> places = new ArrayList<>();

	private final Map<SessionKey, LockedSession> found = new HashMap<>();

	private Instant now = Instant.EPOCH;

	private String transaction = "";

	private final Buckets buckets;

	private final Texts texts;

	private LockStatement(List<Wanted> wanted, Buckets buckets) {
		this.buckets = buckets;
		this.texts = (buckets.count() == 1) ? OF_ONE_BUCKET : OF_SEVERAL_BUCKETS;
		for (Wanted each : wanted) {
			this.places.add(new WantedPlace(this.places.size() + 1L, each));
		}
	}

	static Mono<LockedSessions> run(LaneConnection connection, List<Wanted> wanted, Buckets buckets) {
		LockStatement statement = new LockStatement(wanted, buckets);
		List<WantedPlace> related = statement.places.stream().filter((place) -> place.wanted.needsRelated()).toList();
		Mono<Void> lock = statement.lock(connection);
		Mono<LockedSessions> all = Mono
			.fromSupplier(() -> new LockedSessions(statement.found, statement.now, "{" + statement.transaction + "}"));
		if (buckets.count() > 1) {
			lock = connection.together(lock, statement.askForTransaction(connection).thenReturn(true)).then();
			all = statement.giveIds(connection).then(all);
		}
		List<MessageId> ids = statement.messageIds();
		Mono<Void> others = related.isEmpty() ? Mono.empty() : statement.read(connection, related);
		if (!ids.isEmpty()) {
			Mono<Void> known = statement.readKnown(connection, ids);
			others = related.isEmpty() ? known : connection.together(others, known.thenReturn(true)).then();
		}
		return (related.isEmpty() && ids.isEmpty()) ? lock.then(all) : connection.together(lock, others.then(all));
	}

	/**
	 * Where buckets are on several machines the transaction has another number on the one
	 * that this connection leads to, and Citus asks now here and now there.
	 */
	private Mono<Void> askForTransaction(LaneConnection connection) {
		return connection.forEachRow(connection.connection().createStatement(TRANSACTION),
				(row) -> this.transaction += "," + row.text());
	}

	/**
	 * Gives ids to sessions and contexts that are not there. One number is enough for
	 * both.
	 */
	private Mono<Void> giveIds(LaneConnection connection) {
		return Mono.defer(() -> {
			List<SessionKey> makers = this.places.stream()
				.filter((place) -> mayMakeRows(place.wanted))
				.map((place) -> place.wanted.session())
				.toList();
			if (makers.isEmpty()) {
				return Mono.empty();
			}
			Iterator<SessionKey> next = makers.iterator();
			Statement count = connection.connection().createStatement(COUNT).bind(0, makers.size());
			return connection.forEachRow(count, (row) -> giveId(next.next(), row.number()));
		});
	}

	private boolean mayMakeRows(Wanted wanted) {
		LockedSession locked = this.found.get(wanted.session());
		return (wanted.mayBeNew() && (locked == null || !locked.exists()))
				|| (wanted.agents() && (locked == null || locked.context() == null));
	}

	private void giveId(SessionKey key, long counted) {
		long id = this.buckets.rowId(counted, this.buckets.of(key));
		this.found.computeIfPresent(key, (same, locked) -> locked.exists() ? locked.with(id, null, locked.kept())
				: LockedSession.missing(key, id, id));
	}

	private List<MessageId> messageIds() {
		List<MessageId> ids = new ArrayList<>();
		for (WantedPlace place : this.places) {
			place.wanted.messageIds().forEach((id, most) -> ids.add(new MessageId(place, id, most)));
		}
		return ids;
	}

	private Mono<Void> readKnown(LaneConnection connection, List<MessageId> ids) {
		Statement statement = connection.connection().createStatement(KNOWN);
		MESSAGE_IDS.bind(statement, 1, ids);
		Map<SessionKey, Map<String, KnownMessage>> known = new HashMap<>();
		return connection
			.forEachRow(statement,
					(row) -> known.computeIfAbsent(session(row), (key) -> new HashMap<>())
						.put(row.text(), known(row.text())))
			.then(Mono.fromRunnable(() -> known.forEach((session, messages) -> this.found.computeIfPresent(session,
					(key, locked) -> locked.withKnown(messages)))));
	}

	private static KnownMessage known(String line) {
		List<EncodedMessage> messages = StoredLines.read(line);
		return messages.isEmpty() ? new KnownMessage(Long.parseLong(line), null)
				: new KnownMessage(messages.get(0).seq(), messages.get(0));
	}

	private Mono<Void> lock(LaneConnection connection) {
		Statement statement = connection.connection().createStatement(this.texts.lock);
		SESSIONS.bind(statement, 1, this.places);
		return connection.forEachRow(statement, (row) -> {
			SessionKey key = session(row);
			this.now = row.time();
			this.transaction = row.text();
			connection.hasWaitedForLocks(row.number());
			read(key, row);
		});
	}

	/** One that cannot be read, as another program has written it, is not found. */
	private void read(SessionKey key, RowReader row) {
		try {
			this.found.put(key, LockedSession.read(key, row));
		}
		catch (RuntimeException ex) {
			UnexpectedErrors.report("the row of a session", ex);
		}
	}

	private Mono<Void> read(LaneConnection connection, List<WantedPlace> related) {
		Statement statement = connection.connection().createStatement(this.texts.read);
		RELATED.bind(statement, 1, related);
		KEYS.bind(statement, 1 + RELATED.count(), keys(related));
		return connection.forEachRow(statement, this::takeRelated);
	}

	private static List<WantedKey> keys(List<WantedPlace> places) {
		List<WantedKey> keys = new ArrayList<>();
		for (WantedPlace place : places) {
			place.wanted.keys().forEach((key) -> keys.add(new WantedKey(place.no, key)));
		}
		return keys;
	}

	/**
	 * There is a row for each idempotency key. A session may be there that was not there
	 * to be locked: it counts as missing, and who creates it finds that somebody else was
	 * first.
	 */
	private void takeRelated(RowReader row) {
		this.found.computeIfPresent(session(row), (key, locked) -> {
			long contextId = row.number();
			HeldContext context = HeldContext.read(row);
			String idempotencyKey = row.optionalText();
			KeptAnswer answer = KeptAnswer.read(row);
			if (!locked.exists()) {
				return LockedSession.missing(key, locked.id(), contextId);
			}
			Map<String, KeptAnswer> kept = locked.kept();
			if (idempotencyKey != null && answer != null) {
				kept = new HashMap<>(kept);
				kept.put(idempotencyKey, answer);
			}
			return locked.with(contextId, context, kept);
		});
	}

	private SessionKey session(RowReader row) {
		return this.places.get((int) row.number() - 1).wanted.session();
	}

	/** A session of the batch, by its number. */
	private record WantedPlace(long no, Wanted wanted) {
	}

	/** The statements, with SQL for ids of what is not there. */
	private record Texts(String lock, String read) {

		Texts {
			lock = LOCK.formatted(SESSIONS.sql(1), lock);
			read = READ.formatted(read, RELATED.sql(1), KEYS.sql(1 + RELATED.count()));
		}

	}

	private record WantedKey(long no, String key) {
	}

	private record MessageId(WantedPlace place, String id, long mostBytes) {
	}

}
