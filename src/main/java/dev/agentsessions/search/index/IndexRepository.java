package dev.agentsessions.search.index;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

import dev.agentsessions.database.DatabaseCalls;
import dev.agentsessions.database.rows.Binding;
import dev.agentsessions.database.rows.Columns;
import dev.agentsessions.search.index.Behind.Indexed;
import dev.agentsessions.search.index.IndexProgress.Walk;
import dev.agentsessions.session.SessionKey;
import io.r2dbc.spi.Readable;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.r2dbc.core.DatabaseClient.GenericExecuteSpec;
import org.springframework.stereotype.Repository;

/**
 * The SQL that keeps the indexes of words, one a bucket, on PostgreSQL alone. Each method
 * is one statement in auto-commit.
 */
@Repository
class IndexRepository {

	/** Longer than any statement: who does not come back in that time is dead. */
	private static final Duration CLAIM = Duration.ofSeconds(10);

	/** How long the others leave it alone after one has looked. */
	private static final Duration REST = Duration.ofMillis(500);

	/** Any transaction of this store that has not written yet is younger than this. */
	private static final Duration UNTIL_WRITTEN = Duration.ofSeconds(30);

	/** How many sessions are looked at in one statement. */
	static final int PAGE = 2000;

	/** And in one of those that look at all. */
	static final int BEAT = 200;

	/**
	 * The time is taken before the writers are looked at, and both before any session is:
	 * what is not seen of the sessions then is not older than this. Of writers of another
	 * role it may not be told how long they have been at it.
	 */
	private static final String CLAIM_IT = """
			update search_progress set claimed_by = :me, claimed_until = (select clock_timestamp()) + make_interval(secs => %1$d)
			where claimed_by = :me or claimed_until < (select clock_timestamp())
			returning indexed_through, walk_through, walk_activity, walk_id, (
			    select least(now(), min(case when a.xact_start is not null then a.xact_start
			            when l.pid is not null then now() - make_interval(secs => %2$d) end))
			    from pg_stat_activity a
			    left join pg_locks l on l.pid = a.pid and l.locktype = 'transactionid' and l.mode = 'ExclusiveLock'
			    where a.datname = current_database() and a.pid <> pg_backend_pid()
			        and (l.pid is not null or a.xact_start > now() - make_interval(secs => %2$d))) as now
			"""
		.formatted(CLAIM.toSeconds(), UNTIL_WRITTEN.toSeconds());

	/** Says that the work is still being done, and how far it has come. */
	private static final String KEEP = """
			update search_progress set indexed_through = greatest(indexed_through, :through), walk_through = :walkThrough,
			    walk_activity = :activity, walk_id = :id,
			    claimed_until = (select clock_timestamp()) + make_interval(secs => cast(:seconds as double precision))
			where claimed_by = :me
			""";

	/** How many sessions are no longer waited for at a time. */
	static final int FORGOTTEN = 10_000;

	/**
	 * Where nobody has indexed for a day, what waits is not kept: whoever begins again
	 * looks at all sessions.
	 */
	private static final String FORGET = """
			with unused as (
			    select 1 from search_progress where claimed_until < now() - interval '1 day' for update),
			forgotten as (
			    delete from search_wanted where exists (select 1 from unused)
			        and id = any (array(select id from search_wanted order by id limit %d))
			    returning id),
			begun_anew as (
			    update search_progress set indexed_through = '0001-01-01T00:00:00Z', walk_through = null,
			        walk_activity = null, walk_id = null
			    where exists (select 1 from forgotten))
			select count(*) as forgotten from forgotten
			""".formatted(FORGOTTEN);

	private static final String COLUMNS = "s.id, s.tenant, s.first_seq, s.last_seq, s.last_activity,"
			+ " st.first_seq as known_first_seq, st.indexed_seq";

	private static final String WANTED = "select w.id as wanted, " + COLUMNS + " from search_wanted w"
			+ " left join sessions s on s.id = w.session_db_id and s." + SessionKey.REACHABLE
			+ " left join search_state st on st.session_db_id = s.id order by w.id limit " + PAGE;

	/**
	 * Along idx_active_sessions, the active and the others at once: who changes from one
	 * to the other is seen where he stands.
	 */
	private static final String WALK = """
			with walked as materialized (
			    select * from ((%s) union all (%s)) both_kinds order by last_activity, id limit %d)
			select %s from walked s left join search_state st on st.session_db_id = s.id
			order by s.last_activity, s.id
			""".formatted(part("is_active"), part("not is_active"), PAGE, COLUMNS);

	private static final String PATROL = "select " + COLUMNS + " from sessions s"
			+ " left join search_state st on st.session_db_id = s.id where s.id > :id and s." + SessionKey.REACHABLE
			+ " order by s.id limit " + BEAT;

	private static final String REMOVE_OLD = """
			delete from message_words where session_db_id = :session and seq = any (array(
			    select seq from message_words where session_db_id = :session and seq < :first order by seq limit :most))
			""";

	/**
	 * Goes on from a state only if it is still that one, so that nothing is indexed
	 * twice, whoever else is at work; a session that is being removed is left alone.
	 */
	private static final String ADD = """
			with t as (
			    select * from unnest(cast(:sessions as bigint[]), cast(:firsts as bigint[]), cast(:knownFirsts as bigint[]),
			        cast(:known as bigint[]), cast(:reached as bigint[])) t(session, first, known_first, known, reached)),
			continued as (
			    update search_state st set first_seq = t.first, indexed_seq = t.reached from t
			    where st.session_db_id = t.session and st.first_seq = t.known_first and st.indexed_seq = t.known
			        and st.session_db_id = any (array(
			            select session_db_id from search_state where session_db_id = any (:sessions)
			            for update skip locked))
			        and exists (select 1 from sessions s where s.id = t.session and s.%1$s)
			    returning st.session_db_id),
			begun as (
			    insert into search_state (session_db_id, first_seq, indexed_seq)
			    select s.id, t.first, t.reached from t join sessions s on s.id = t.session and s.%1$s
			    where t.known is null for key share of s skip locked
			    on conflict do nothing
			    returning session_db_id),
			done as (select session_db_id from continued union all select session_db_id from begun),
			added as (
			    insert into message_words (session_db_id, seq, tenant, timestamp, role, words)
			    select m.session, m.seq, m.tenant, m.time, m.role, array_to_tsvector(string_to_array(m.words, ' '))
			    from unnest(cast(:of as bigint[]), cast(:seqs as bigint[]), cast(:tenants as text[]),
			        cast(:times as timestamptz[]), cast(:roles as text[]), cast(:words as text[]))
			        m(session, seq, tenant, time, role, words) join done on done.session_db_id = m.session)
			select session_db_id from done
			"""
		.formatted(SessionKey.REACHABLE);

	private final DatabaseClient client;

	private final DatabaseCalls database;

	IndexRepository(DatabaseClient client, DatabaseCalls database) {
		this.client = client;
		this.database = database;
	}

	private static String part(String condition) {
		return "select id, tenant, first_seq, last_seq, last_activity from sessions where " + condition + " and "
				+ SessionKey.REACHABLE + " and last_activity >= :since and (last_activity, id) > (:since, :id)"
				+ " order by last_activity, id limit " + PAGE;
	}

	/** Takes on the work for a while; empty if somebody else has it. */
	Mono<IndexProgress> claim(int bucket, String me) {
		return this.database.write(bucket, this.client.sql(CLAIM_IT)
			.bind("me", me)
			.map((row) -> new IndexProgress(Columns.time(row, "indexed_through"), Columns.time(row, "now"), begun(row)))
			.one());
	}

	private static @Nullable Walk begun(Readable row) {
		Instant through = Columns.optionalTime(row, "walk_through");
		return (through == null) ? null
				: new Walk(through, Columns.time(row, "walk_activity"), Columns.number(row, "walk_id"));
	}

	/**
	 * Goes on with the work; false if somebody else has it now.
	 * @param walk that has not come to its end, null for none
	 */
	Mono<Boolean> keep(int bucket, String me, Instant through, @Nullable Walk walk) {
		return note(bucket, me, through, walk, CLAIM);
	}

	/** Leaves the work to anybody, after a rest. */
	Mono<Boolean> release(int bucket, String me, Instant through, @Nullable Walk walk) {
		return note(bucket, me, through, walk, REST);
	}

	private Mono<Boolean> note(int bucket, String me, Instant through, @Nullable Walk walk, Duration claim) {
		GenericExecuteSpec note = this.client.sql(KEEP)
			.bind("me", me)
			.bind("through", through)
			.bind("seconds", claim.toMillis() / 1000.0);
		note = Binding.bind(note, "walkThrough", (walk != null) ? walk.through() : null, Instant.class);
		note = Binding.bind(note, "activity", (walk != null) ? walk.activity() : null, Instant.class);
		note = Binding.bind(note, "id", (walk != null) ? walk.id() : null, Long.class);
		return this.database.write(bucket, note.fetch().rowsUpdated()).map((rows) -> rows > 0);
	}

	/** The first that wait to be indexed, whatever their last activity is. */
	Mono<Waiting> wanted(int bucket) {
		return this.database
			.findAll(bucket,
					this.client.sql(WANTED)
						.map((row) -> new WantedSession(Columns.number(row, "wanted"),
								(Columns.optionalNumber(row, "id") != null) ? behind(row) : null))
						.all())
			.map(Waiting::of);
	}

	/** Notes that these need not be waited for any longer. */
	Mono<Void> satisfied(int bucket, Waiting waiting) {
		return this.database
			.write(bucket,
					this.client.sql("delete from search_wanted where id = any (:ids)")
						.bind("ids", waiting.ids().toArray(Long[]::new))
						.fetch()
						.rowsUpdated())
			.then();
	}

	/**
	 * Has some sessions no longer waited for, if search has been switched off for long;
	 * answers how many.
	 */
	Mono<Long> forget(int bucket) {
		return this.database.write(bucket,
				this.client.sql(FORGET).map((row) -> Columns.number(row, "forgotten")).one());
	}

	/** The next sessions in the order of their last activity, behind or not. */
	Mono<List<Behind>> walk(int bucket, Walk place) {
		return this.database.findAll(bucket,
				this.client.sql(WALK)
					.bind("since", place.activity())
					.bind("id", place.id())
					.map(IndexRepository::behind)
					.all());
	}

	/** The next sessions of all. */
	Mono<List<Behind>> patrol(int bucket, long after) {
		return this.database.findAll(bucket,
				this.client.sql(PATROL).bind("id", after).map(IndexRepository::behind).all());
	}

	/** Removes some messages that a log no longer has; answers how many. */
	Mono<Long> removeOld(Behind session, int most) {
		return this.database.write(this.database.buckets().ofRow(session.id()),
				this.client.sql(REMOVE_OLD)
					.bind("session", session.id())
					.bind("first", session.firstSeq())
					.bind("most", most)
					.fetch()
					.rowsUpdated());
	}

	/**
	 * Adds messages of some sessions; answers which of these went on from where they were
	 * known to be.
	 */
	Mono<Set<Long>> add(int bucket, List<Step> steps) {
		List<IndexedWords> words = steps.stream().flatMap((step) -> step.words().stream()).toList();
		GenericExecuteSpec add = this.client.sql(ADD)
			.bind("sessions", numbers(steps, (step) -> step.session().id()))
			.bind("firsts", numbers(steps, (step) -> step.session().firstSeq()))
			.bind("knownFirsts", numbers(steps, (step) -> known(step, Indexed::firstSeq)))
			.bind("known", numbers(steps, (step) -> known(step, Indexed::seq)))
			.bind("reached", numbers(steps, Step::reached))
			.bind("of", numbers(words, IndexedWords::session))
			.bind("seqs", numbers(words, IndexedWords::seq))
			.bind("tenants", texts(words, IndexedWords::tenant))
			.bind("times", words.stream().map(IndexedWords::timestamp).toArray(Instant[]::new))
			.bind("roles", texts(words, IndexedWords::role))
			.bind("words", texts(words, IndexedWords::words));
		return this.database.write(bucket,
				add.map((row) -> Columns.number(row, "session_db_id")).all().collect(Collectors.toSet()));
	}

	private static @Nullable Long known(Step step, Function<Indexed, Long> value) {
		Indexed indexed = step.session().indexed();
		return (indexed != null) ? value.apply(indexed) : null;
	}

	private static <T> @Nullable Long[] numbers(List<T> rows, Function<T, @Nullable Long> value) {
		return rows.stream().map(value).toArray(Long[]::new);
	}

	private static <T> @Nullable String[] texts(List<T> rows, Function<T, @Nullable String> value) {
		return rows.stream().map(value).toArray(String[]::new);
	}

	private static Behind behind(Readable row) {
		Long indexedSeq = Columns.optionalNumber(row, "indexed_seq");
		return new Behind(Columns.number(row, "id"), Columns.text(row, "tenant"), Columns.number(row, "first_seq"),
				Columns.number(row, "last_seq"), Columns.time(row, "last_activity"),
				(indexedSeq == null) ? null : new Indexed(
						Objects.requireNonNull(Columns.optionalNumber(row, "known_first_seq")), indexedSeq));
	}

	/**
	 * Sessions that wait.
	 *
	 * @param ids of the rows that say so
	 * @param sessions that are still there, each once
	 */
	record Waiting(List<Long> ids, List<Behind> sessions) {

		private static Waiting of(List<WantedSession> wanted) {
			return new Waiting(wanted.stream().map(WantedSession::id).toList(),
					wanted.stream().map(WantedSession::session).filter(Objects::nonNull).distinct().toList());
		}

	}

	/** One of them; null if the session is gone. */
	private record WantedSession(long id, @Nullable Behind session) {
	}

}
