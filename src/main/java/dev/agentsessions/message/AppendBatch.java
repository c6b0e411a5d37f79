package dev.agentsessions.message;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

import dev.agentsessions.database.Answer;
import dev.agentsessions.database.Columns;
import dev.agentsessions.database.LaneConnection;
import dev.agentsessions.database.LaneOperation;
import dev.agentsessions.session.IdempotencyKey;
import dev.agentsessions.session.IdempotencyKeys;
import dev.agentsessions.session.SessionProblems;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Statement;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Appends of many callers to many sessions in one statement of PostgreSQL. Rows are
 * locked and created in (tenant, session_id) order, so that replicas never wait for each
 * other in a circle; everything is decided from the locked row, because the statement's
 * snapshot is older than the lock.
 */
final class AppendBatch implements LaneOperation<Append, Appended> {

	private static final String APPEND = """
			with req as materialized (
			    select * from unnest($1::text[], $2::text[], $3::bool[], $4::bigint[], $5::text[], $6::text[], $7::int[],
			        $8::bigint[], $18::bigint[])
			        with ordinality t(tenant, sid, may_create, expected, key, fingerprint, cnt, tokens, expected_row, n)),
			wanted as materialized (
			    select * from (select distinct tenant, sid from req) d order by tenant collate "C", sid collate "C"),
			-- the lateral answers the newest version of each row, whatever the snapshot says, by the unique index
			locked as materialized (
			    select w.tenant, w.sid, s.* from wanted w cross join lateral (
			        select id, last_seq, last_switch_no, deleted_at from sessions
			        where tenant = w.tenant and session_id = w.sid for update) s),
			-- one time for all, once the locks are there: later messages have no earlier times
			now as materialized (select clock_timestamp() as now from (select count(*) from locked) l),
			judged as materialized (
			    select r.*, k.id, coalesce(k.last_seq, 0) as last, coalesce(k.last_switch_no, 0) as switch_no, now.now,
			        a.first_seq as kept_first, a.last_seq as kept_last, a.created_at as kept_at,
			        case when k.deleted_at is not null then 'deleted'
			            when a.fingerprint <> r.fingerprint then 'reused'
			            when a.fingerprint is not null then 'replayed'
			            when k.id is null and not r.may_create then 'missing'
			            when r.expected <> coalesce(k.last_seq, 0) or r.expected_row <> k.id then 'conflict'
			            else 'done' end as outcome
			    from req r cross join now left join locked k using (tenant, sid) left join lateral (
			        select fingerprint, first_seq, last_seq, created_at from append_keys
			        where session_db_id = k.id and idempotency_key = r.key offset 0) a on r.key is not null),
			-- one condition a session at most, and it goes first: it speaks of the row as it was locked
			fit as materialized (
			    select *, last - cnt + sum(cnt) over (partition by tenant, sid order by expected is null, n) as base
			    from judged where outcome = 'done'),
			-- in a race with another creator this makes nothing: those requests are run again
			made as (
			    insert into sessions (tenant, session_id, last_seq, total_tokens, created_at, last_activity,
			        last_message_at)
			    select tenant, sid, sum(cnt), sum(tokens), min(now), max(now), max(now)
			    from fit where id is null group by tenant, sid order by tenant collate "C", sid collate "C"
			    on conflict do nothing returning id, tenant, session_id as sid),
			placed as materialized (
			    select f.n, f.key, f.fingerprint, f.cnt, f.base, f.now, coalesce(f.id, m.id) as id
			    from fit f left join made m using (tenant, sid) where f.id is not null or m.id is not null),
			advanced as (
			    update sessions s set last_seq = s.last_seq + x.cnt, total_tokens = s.total_tokens + x.tokens,
			        last_activity = x.now, last_message_at = x.now, is_active = true
			    from (select id, sum(cnt) as cnt, sum(tokens) as tokens, max(now) as now
			        from fit where id is not null group by id) x
			    where s.id = x.id),
			kept as (
			    insert into append_keys (session_db_id, idempotency_key, fingerprint, first_seq, last_seq, created_at)
			    select id, key, fingerprint, base + 1, base + cnt, now from placed where key is not null),
			written as (
			    insert into messages (session_db_id, seq, role, content, timestamp, name, tool_call_id, tool_calls,
			        token_count, metadata_json)
			    select p.id, p.base + m.i, m.role, m.content, p.now, m.name, m.tool_call_id, m.tool_calls::jsonb,
			        m.token_count, m.metadata::jsonb
			    from unnest($9::bigint[], $10::int[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[],
			        $16::bigint[], $17::text[]) m(n, i, role, content, name, tool_call_id, tool_calls, token_count, metadata)
			    join placed p using (n))
			select j.n, case when j.outcome = 'done' and p.n is null then 'again' else j.outcome end as outcome,
			    coalesce(j.kept_first, p.base + 1, 0) as first_seq,
			    coalesce(j.kept_last, p.base + p.cnt, j.last) as last_seq, coalesce(j.kept_at, p.now) as now,
			    coalesce(p.id, 0) as id, j.switch_no
			from judged j left join placed p using (n)
			""";

	private final LogCache cache;

	AppendBatch(LogCache cache) {
		this.cache = cache;
	}

	@Override
	public Mono<List<Answer<Appended>>> run(LaneConnection connection, List<Append> appends) {
		long epoch = this.cache.epoch();
		Mono<List<Answer<Appended>>> committed = appends.stream().allMatch(Append::isPlain)
				? PlainAppends.run(connection, appends) : decide(connection, appends);
		return committed.doOnNext((answers) -> keep(epoch, appends, answers));
	}

	private static Mono<List<Answer<Appended>>> decide(LaneConnection connection, List<Append> appends) {
		Statement statement = connection.connection().createStatement(APPEND);
		bindRequests(statement, appends);
		bindMessages(statement, appends);
		List<@Nullable Answer<Appended>> answers = new ArrayList<>(Collections.nCopies(appends.size(), null));
		return Flux.from(statement.execute()).concatMap((result) -> result.map((row) -> {
			int n = (int) Columns.number(row, "n") - 1;
			answers.set(n, answer(row));
			return row;
		})).then(Mono.fromSupplier(() -> List.copyOf(answers)));
	}

	/**
	 * What was just written is what is read next: the cache takes it in, but for what the
	 * database prints its own way.
	 */
	private void keep(long epoch, List<Append> appends, List<Answer<Appended>> answers) {
		for (int n = 0; n < answers.size(); n++) {
			Appended done = answers.get(n).value();
			if (done != null && !done.replayed()) {
				this.cache.put(epoch, done.sessionDbId(), encoded(done, appends.get(n).messages()));
			}
		}
	}

	private static List<EncodedMessage> encoded(Appended done, List<NewMessage> messages) {
		List<EncodedMessage> encoded = new ArrayList<>(messages.size());
		for (int i = 0; i < messages.size(); i++) {
			if (!messages.get(i).hasJson()) {
				encoded.add(EncodedMessage.of(done.firstSeq() + i, done.timestamp(), messages.get(i)));
			}
		}
		return encoded;
	}

	@Override
	public long size(Append append) {
		return append.size();
	}

	@Override
	public boolean fits(Append append, List<Append> batch) {
		return (append.key() == null && append.expectedLast() == null) || batch.stream().noneMatch(append::excludes);
	}

	/**
	 * A key that another replica committed after this statement's snapshot: the next one
	 * sees it.
	 */
	@Override
	public boolean runsAgainAfter(R2dbcException error) {
		return "23505".equals(error.getSqlState());
	}

	private static void bindRequests(Statement statement, List<Append> appends) {
		statement.bind(0, texts(appends, (append) -> append.session().tenant()))
			.bind(1, texts(appends, (append) -> append.session().sessionId()))
			.bind(2, appends.stream().map(Append::create).toArray(Boolean[]::new))
			.bind(3, appends.stream().map(Append::expectedLast).toArray(Long[]::new))
			.bind(4, texts(appends, (append) -> key(append, IdempotencyKey::key)))
			.bind(5, texts(appends, (append) -> key(append, IdempotencyKey::fingerprint)))
			.bind(6, appends.stream().map((append) -> append.messages().size()).toArray(Integer[]::new))
			.bind(7, appends.stream().map(Append::tokens).toArray(Long[]::new))
			.bind(17, appends.stream().map(Append::expectedRow).toArray(Long[]::new));
	}

	private static void bindMessages(Statement statement, List<Append> appends) {
		List<NewMessage> messages = new ArrayList<>();
		List<Long> requests = new ArrayList<>();
		List<Integer> places = new ArrayList<>();
		for (int n = 0; n < appends.size(); n++) {
			for (int i = 0; i < appends.get(n).messages().size(); i++) {
				messages.add(appends.get(n).messages().get(i));
				requests.add(n + 1L);
				places.add(i + 1);
			}
		}
		statement.bind(8, requests.toArray(Long[]::new)).bind(9, places.toArray(Integer[]::new));
		MessageColumns.of(messages).bindTo(statement, 10);
	}

	private static Answer<Appended> answer(Readable row) {
		long lastSeq = Columns.number(row, "last_seq");
		String outcome = Columns.text(row, "outcome");
		return switch (outcome) {
			case "done", "replayed" ->
				Answer.of(new Appended(Columns.number(row, "id"), Columns.number(row, "first_seq"), lastSeq,
						Columns.number(row, "switch_no"), Columns.time(row, "now"), outcome.equals("replayed")));
			case "deleted" -> Answer.failed(SessionProblems.deleted());
			case "missing" -> Answer.failed(SessionProblems.notFound());
			case "reused" -> Answer.failed(IdempotencyKeys.reused());
			case "again" -> Answer.failed(CreateRace.INSTANCE);
			default -> Answer.failed(MessageProblems.conflict(lastSeq));
		};
	}

	private static @Nullable String key(Append append, Function<IdempotencyKey, String> part) {
		return (append.key() != null) ? part.apply(append.key()) : null;
	}

	private static String[] texts(List<Append> appends, Function<Append, @Nullable String> column) {
		return appends.stream().map(column).toArray(String[]::new);
	}

	/**
	 * The session was created by somebody else while this statement ran; nothing was
	 * done.
	 */
	static final class CreateRace extends RuntimeException {

		static final CreateRace INSTANCE = new CreateRace();

		private CreateRace() {
			super("create race", null, false, false);
		}

	}

}
