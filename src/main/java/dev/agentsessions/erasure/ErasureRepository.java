package dev.agentsessions.erasure;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

import dev.agentsessions.database.DatabaseCalls;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.rows.Binding;
import dev.agentsessions.database.rows.Columns;
import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.retention.RetentionMetrics;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.web.json.JsonTree;
import dev.agentsessions.web.json.JsonWriter;
import dev.agentsessions.write.Commits;
import io.r2dbc.spi.Readable;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.r2dbc.core.DatabaseClient.GenericExecuteSpec;
import org.springframework.stereotype.Repository;

/**
 * The SQL of erasures. Any number of replicas may be at work on one: what one has locked
 * the others pass over, and nothing is counted twice.
 */
@Repository
class ErasureRepository {

	private static final long KEPT_SECONDS = 90L * 24 * 3600;

	private static final String COLUMNS = """
			id, tenant, erasure_id, owner, %s as session_ids_json, horizon, state, sessions, messages, requested_at,
			finished_at""";

	private static final String BEGIN = """
			insert into erasures (tenant, erasure_id, owner, session_ids_json, horizon, requested_at)
			select cast(:tenant as varchar), :erasureId, :owner, %s, coalesce(max(id), 0), %s from sessions""";

	private static final String NAMED = "tenant = :tenant and erasure_id = :erasureId and horizon >= 0";

	/**
	 * Comes where the last note would: one of the two is first. No erasure has such a
	 * horizon.
	 */
	private static final String WITHDRAW = """
			insert into erasures (tenant, erasure_id, horizon, state, requested_at, finished_at)
			values (:tenant, :erasureId, -1, 'done', now(), now()) on conflict (tenant, erasure_id) do nothing""";

	private static final String WITHDRAWN = """
			select horizon from erasures where tenant = :tenant and erasure_id = :erasureId and horizon < 0""";

	/** What an erasure still has to put out of reach, soft-deleted or not. */
	private static final String DUE = "tenant = :tenant and id <= :horizon and ";

	private static final String MARK = "update sessions s set tenant = '" + SessionKey.PURGED
			+ "', session_id = cast(s.id as varchar(255)), erasure_db_id = :erasure where ";

	/**
	 * Marks and counts in one statement: whatever is killed, both are done or neither.
	 */
	private static final String MARK_AND_COUNT = "with marked as (" + MARK + """
			s.id = any (array(select id from sessions where %s and last_activity >= :since
			    order by last_activity limit :most for update skip locked))
			returning last_seq - first_seq + 1 as messages, last_activity,
			    (select o.session_id from sessions o where o.id = s.id) as session_id),
			counted as (
			    update erasures e set sessions = e.sessions + m.sessions, messages = e.messages + m.messages
			    from (select count(*) as sessions, sum(messages) as messages from marked) m
			    where e.id = :erasure and m.sessions > 0)
			select session_id, messages, last_activity from marked""";

	/**
	 * H2 can do no more than one thing in a statement, and counts behind it; it takes
	 * them in any order.
	 */
	private static final String MARK_ON_H2 = """
			select session_id, last_seq - first_seq + 1 as messages, last_activity from old table (
			""" + MARK + "%s fetch first :most rows only)";

	private static final String COUNT_ON_H2 = """
			update erasures set sessions = sessions + :sessions, messages = messages + :messages where id = :erasure""";

	private static final String END_MARKING = """
			update erasures set state = 'removing', owner = null, session_ids_json = null
			where id = :erasure and state = 'marking' and not exists (select 1 from sessions where %s)""";

	private static final String GONE = """
			update erasures set removed_at = (select %s) where id = :erasure and state = 'removing' and removed_at is null
			    and not exists (select 1 from sessions s where s.erasure_db_id = :erasure)""";

	/**
	 * A fork that was begun before the last row was gone may have copied it: it is waited
	 * for, and if it came to nothing, until it is removed. Earlier erasures of the tenant
	 * are waited for as well: one may have taken what this one was meant for, as the
	 * first of two tries does.
	 * <p>
	 * The comparison makes lost forks a range of the index on (tenant, session_id): all
	 * else that waits to be removed, which may be millions, is named by digits.
	 */
	private static final String DONE = """
			update erasures e set state = 'done', finished_at = (select %s)
			where id = :erasure and state = 'removing' and removed_at is not null and not exists (
			    select 1 from sessions s where (s.tenant = '%s'
			            or (s.tenant = '%s' and s.session_id >= '%4$s' and s.session_id like '%4$s%%'))
			        and s.created_at <= e.removed_at)
			    and not exists (select 1 from erasures o
			        where o.tenant = e.tenant and o.id < e.id and o.state <> 'done')""";

	private final DatabaseClient client;

	private final DatabaseCalls database;

	private final Commits commits;

	private final RetentionMetrics metrics;

	ErasureRepository(DatabaseClient client, DatabaseCalls database, Commits commits, RetentionMetrics metrics) {
		this.client = client;
		this.database = database;
		this.commits = commits;
		this.metrics = metrics;
	}

	/**
	 * Notes in one bucket after the other what is to be done, so that it will be,
	 * whatever becomes of this replica. Nothing is done before the last has the note:
	 * then all have it. Errors: 503, also if others have {@link #withdraw withdrawn} it
	 * meanwhile.
	 */
	Mono<List<Erasure>> begin(String tenant, String erasureId, ErasureTarget target) {
		return Flux.range(0, this.database.buckets().count())
			.concatMap(
					(bucket) -> begin(bucket, tenant, erasureId, target).switchIfEmpty(
							Mono.error(() -> Problems.busy("It took too long to note the erasure; nothing was done."))),
					1)
			.collectList();
	}

	private Mono<Erasure> begin(int bucket, String tenant, String erasureId, ErasureTarget target) {
		String insert = BEGIN.formatted(engine().json(":sessionIds"), engine().clock());
		String sql = isPostgres() ? insert + " on conflict (tenant, erasure_id) do nothing returning " + columns()
				: "select " + columns() + " from final table (" + insert + ")";
		GenericExecuteSpec begin = this.client.sql(sql).bind("tenant", tenant).bind("erasureId", erasureId);
		begin = Binding.bind(begin, "owner", target.owner(), String.class);
		return this.database.write(bucket,
				Binding.bind(begin, "sessionIds", json(target.sessionIds())).map((row) -> erasure(bucket, row)).one());
	}

	/** The erasure in each bucket; none if the tenant has none under this id. */
	Mono<List<Erasure>> find(String tenant, String erasureId) {
		return this.database.buckets()
			.together((bucket) -> this.database.findAll(bucket,
					this.client.sql("select " + columns() + " from erasures where " + NAMED)
						.bind("tenant", tenant)
						.bind("erasureId", erasureId)
						.map((row) -> erasure(bucket, row))
						.all()),
					1)
			.map((found) -> found.stream().flatMap(List::stream).toList())
			// one that is still being noted, or came to nothing
			.map((rows) -> (rows.size() == this.database.buckets().count()) ? rows : List.of());
	}

	/**
	 * Those that are not done: of each tenant the first, then the second and so on, so
	 * that however many of one wait for another, they leave some room; a tenant's that
	 * are still marking come before its others. One that is in several buckets comes once
	 * for each.
	 */
	Mono<List<Erasure>> unfinished(int most) {
		return this.database.buckets()
			.each((bucket) -> this.database.findAll(bucket, this.client.sql("select " + columns() + """
					 from erasures where state <> 'done'
					order by row_number() over (partition by tenant order by state, id), state, id limit :most
					""").bind("most", most).map((row) -> erasure(bucket, row)).all()))
			.collect(ArrayList::new, List::addAll);
	}

	/**
	 * Puts some sessions out of reach, but for those that somebody is writing to right
	 * now; those first that were last used the longest time ago.
	 * @param since not those that were last used before this time: to begin with the
	 * first again would pass over all the dead rows each time
	 */
	Mono<List<MarkedSession>> mark(Erasure erasure, Instant since, int most) {
		String sql = (isPostgres() ? MARK_AND_COUNT : MARK_ON_H2).formatted(due(erasure));
		GenericExecuteSpec bound = bind(sql, erasure).bind("erasure", erasure.id()).bind("most", most);
		Mono<List<MarkedSession>> mark = (isPostgres() ? bound.bind("since", since) : bound)
			.map((row) -> new MarkedSession(new SessionKey(erasure.tenant(), Columns.text(row, "session_id")),
					Columns.number(row, "messages"), Columns.time(row, "last_activity")))
			.all()
			.collectList();
		return this.database
			.write(erasure.bucket(), (isPostgres() ? mark : mark.flatMap((marked) -> count(erasure, marked)))
				// told also if the caller has gone away meanwhile
				.doOnNext((marked) -> marked.forEach((each) -> this.commits.changed(each.session))))
			.doOnNext((marked) -> this.metrics.purged(marked.size()));
	}

	private Mono<List<MarkedSession>> count(Erasure erasure, List<MarkedSession> marked) {
		return this.client.sql(COUNT_ON_H2)
			.bind("sessions", marked.size())
			.bind("messages", marked.stream().mapToLong(MarkedSession::messages).sum())
			.bind("erasure", erasure.id())
			.fetch()
			.rowsUpdated()
			.thenReturn(marked);
	}

	/** Whether any of its sessions are still within reach, whoever has them locked. */
	Mono<Boolean> isDue(Erasure erasure) {
		return exists(bind("select 1 from sessions where " + due(erasure) + " limit 1", erasure), erasure);
	}

	/** Whether any of its sessions still have rows. */
	Mono<Boolean> hasRows(Erasure erasure) {
		return exists(this.client.sql("select 1 from sessions where erasure_db_id = :erasure limit 1")
			.bind("erasure", erasure.id()), erasure);
	}

	private Mono<Boolean> exists(GenericExecuteSpec select, Erasure erasure) {
		return this.database.find(erasure.bucket(), select.map((row) -> true).one()).defaultIfEmpty(false);
	}

	/** Whether all are out of reach; if so, their names are forgotten. */
	Mono<Boolean> endMarking(Erasure erasure) {
		Mono<Long> end = bind(END_MARKING.formatted(due(erasure)), erasure).bind("erasure", erasure.id())
			.fetch()
			.rowsUpdated();
		Mono<Boolean> others = this.client.sql("select id from erasures where id = :erasure and state = 'marking'")
			.bind("erasure", erasure.id())
			.map((row) -> Columns.number(row, "id"))
			.one()
			.hasElement();
		return this.database.write(erasure.bucket(), end)
			.flatMap((rows) -> (rows > 0) ? Mono.just(true)
					: this.database.find(erasure.bucket(), others).map((marking) -> !marking));
	}

	/** Notes that nothing is left, if so. */
	Mono<Boolean> finish(Erasure erasure) {
		return execute(GONE.formatted(engine().clock()), erasure).then(execute(done(), erasure))
			.map((rows) -> rows > 0);
	}

	String done() {
		return DONE.formatted(engine().clock(), SessionKey.FORKING, SessionKey.PURGED, SessionKey.LOST_FORK);
	}

	private Mono<Long> execute(String sql, Erasure erasure) {
		return this.database.write(erasure.bucket(),
				this.client.sql(sql).bind("erasure", erasure.id()).fetch().rowsUpdated());
	}

	/** Whether its note was made longer ago, by the clock of the database as the note. */
	Mono<Boolean> isOlder(Erasure erasure, Duration age) {
		return exists(this.client
			.sql("select 1 from erasures where id = :erasure and requested_at < " + engine().secondsAgo(":seconds"))
			.bind("erasure", erasure.id())
			.bind("seconds", age.toSeconds()), erasure);
	}

	/**
	 * Forgets one that is not noted in all buckets, unless its last note comes first.
	 * Whoever still waits for that is told.
	 */
	Mono<Void> withdraw(Erasure erasure) {
		int last = this.database.buckets().count() - 1;
		return this.database.write(last, named(WITHDRAW, erasure).fetch().rowsUpdated())
			.then(this.database.find(last, named(WITHDRAWN, erasure).map((row) -> true).one()))
			.flatMapMany((withdrawn) -> this.database.buckets()
				.each((bucket) -> this.database.write(bucket,
						named("delete from erasures where " + NAMED, erasure).fetch().rowsUpdated())))
			.then();
	}

	private GenericExecuteSpec named(String sql, Erasure erasure) {
		return this.client.sql(sql).bind("tenant", erasure.tenant()).bind("erasureId", erasure.erasureId());
	}

	/** Forgets receipts after 90 days. */
	Mono<Long> forget() {
		return this.database.buckets()
			.each((bucket) -> this.database.write(bucket,
					this.client.sql("delete from erasures where finished_at < " + engine().secondsAgo(":seconds"))
						.bind("seconds", KEPT_SECONDS)
						.fetch()
						.rowsUpdated()))
			.reduce(0L, Long::sum);
	}

	private static String due(Erasure erasure) {
		return DUE + ((erasure.target().owner() != null) ? "owner = :owner" : "session_id = any (:sessionIds)");
	}

	private GenericExecuteSpec bind(String sql, Erasure erasure) {
		GenericExecuteSpec bound = this.client.sql(sql)
			.bind("tenant", erasure.tenant())
			.bind("horizon", erasure.horizon());
		String owner = erasure.target().owner();
		return (owner != null) ? bound.bind("owner", owner) : bound.bind("sessionIds",
				Objects.requireNonNull(erasure.target().sessionIds()).toArray(String[]::new));
	}

	private String columns() {
		return COLUMNS.formatted(engine().jsonText("session_ids_json"));
	}

	private static @Nullable JsonText json(@Nullable List<String> texts) {
		return (texts == null) ? null
				: new JsonText("[" + String.join(",", texts.stream().map(JsonWriter::quoted).toList()) + "]");
	}

	private static Erasure erasure(int bucket, Readable row) {
		JsonText ids = Columns.json(row, "session_ids_json");
		ErasureTarget target = new ErasureTarget(Columns.optionalText(row, "owner"),
				(ids == null) ? null : JsonTree.stored(ids.json()).valueStream().map(JsonNode::stringValue).toList());
		return new Erasure(bucket, Columns.number(row, "id"), Columns.text(row, "tenant"),
				Columns.text(row, "erasure_id"), target, Columns.number(row, "horizon"),
				ErasureState.valueOf(Columns.text(row, "state").toUpperCase(Locale.ROOT)),
				Columns.number(row, "sessions"), Columns.number(row, "messages"), Columns.time(row, "requested_at"),
				Columns.optionalTime(row, "finished_at"));
	}

	private boolean isPostgres() {
		return engine() == Engine.POSTGRESQL;
	}

	private Engine engine() {
		return this.database.engine();
	}

	/** A session that is out of reach now. */
	record MarkedSession(SessionKey session, long messages, Instant lastActivity) {
	}

}
