package dev.agentsessions.message;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.agentsessions.database.Answer;
import dev.agentsessions.database.Columns;
import dev.agentsessions.database.LaneConnection;
import dev.agentsessions.database.Timestamps;
import dev.agentsessions.session.SessionKey;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Statement;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The appends that most are: without a key or a condition, to sessions that exist. What
 * the statement has to decide is only whether a session is there; which numbers its
 * messages get is counted here, from the last one of the locked row. It costs PostgreSQL
 * about half of what {@link AppendBatch} costs, which decides everything. A session that
 * is missing or deleted is left to that: nothing is written for it.
 */
final class PlainAppends {

	private static final String APPEND = """
			-- the lateral answers the newest version of each row, whatever the snapshot says, by the unique index
			with locked as materialized (
			    select w.o, s.* from (
			        select * from unnest($1::text[], $2::text[]) with ordinality t(tenant, sid, o)
			        order by tenant collate "C", sid collate "C") w
			    cross join lateral (
			        select id, last_seq, last_switch_no from sessions
			        where tenant = w.tenant and session_id = w.sid and deleted_at is null for update) s),
			now as materialized (select clock_timestamp() as now from (select count(*) from locked) l),
			advanced as (
			    update sessions s set last_seq = s.last_seq + x.cnt, total_tokens = s.total_tokens + x.tokens,
			        last_activity = now.now, last_message_at = now.now, is_active = true
			    from locked l join unnest($3::bigint[], $4::bigint[]) with ordinality x(cnt, tokens, o) using (o), now
			    where s.id = l.id),
			written as (
			    insert into messages (session_db_id, seq, role, content, timestamp, name, tool_call_id, tool_calls,
			        token_count, metadata_json)
			    select l.id, l.last_seq + m.place, m.role, m.content, now.now, m.name, m.tool_call_id, m.tool_calls::jsonb,
			        m.token_count, m.metadata::jsonb
			    from unnest($5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
			        $12::bigint[], $13::text[])
			        m(o, place, role, content, name, tool_call_id, tool_calls, token_count, metadata)
			    join locked l using (o), now)
			select l.o, l.id, l.last_seq, l.last_switch_no, now.now::text as now from locked l, now
			""";

	/**
	 * The same to one session, as it is when the service has little to do. There is no
	 * order to keep among locks, so the update itself takes the lock; the time is taken
	 * after it, and once, since the look-up of the row is done again when it had to wait.
	 * It costs PostgreSQL what the simplest statement for an append does.
	 */
	private static final String APPEND_TO_ONE = """
			with advanced as (
			    update sessions s set last_seq = last_seq + $3, total_tokens = total_tokens + $4, is_active = true,
			        (last_activity, last_message_at) = (select t, t from (select clock_timestamp() as t where s.id > 0) c)
			    where tenant = $1 and session_id = $2 and deleted_at is null
			    returning id, last_seq - $3 as last_seq, last_switch_no, last_message_at as now),
			written as (
			    insert into messages (session_db_id, seq, role, content, timestamp, name, tool_call_id, tool_calls,
			        token_count, metadata_json)
			    select a.id, a.last_seq + m.place, m.role, m.content, a.now, m.name, m.tool_call_id, m.tool_calls::jsonb,
			        m.token_count, m.metadata::jsonb
			    from advanced a, unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[], $11::text[])
			        with ordinality m(role, content, name, tool_call_id, tool_calls, token_count, metadata, place))
			select 1 as o, id, last_seq, last_switch_no, now::text as now from advanced
			""";

	private final List<Append> appends;

	/** The sessions, each once, with their places counted from 0. */
	private final Map<SessionKey, Integer> sessions = new LinkedHashMap<>();

	/** Which session each request is about. */
	private final int[] sessionOf;

	/** How many messages stand before those of a request in its session. */
	private final long[] offsets;

	private PlainAppends(List<Append> appends) {
		this.appends = appends;
		this.sessionOf = new int[appends.size()];
		this.offsets = new long[appends.size()];
	}

	/**
	 * Appends all that can be.
	 * @return the answers in the order of the requests; {@link Undecided} for those of
	 * which nothing was done
	 */
	static Mono<List<Answer<Appended>>> run(LaneConnection connection, List<Append> appends) {
		return new PlainAppends(appends).run(connection.connection());
	}

	private Mono<List<Answer<Appended>>> run(Connection connection) {
		Long[] counts = new Long[this.appends.size()];
		Long[] tokens = new Long[this.appends.size()];
		Arrays.fill(counts, 0L);
		Arrays.fill(tokens, 0L);
		for (int n = 0; n < this.appends.size(); n++) {
			Append append = this.appends.get(n);
			int session = this.sessions.computeIfAbsent(append.session(), (key) -> this.sessions.size());
			this.sessionOf[n] = session;
			this.offsets[n] = counts[session];
			counts[session] += append.messages().size();
			tokens[session] += append.tokens();
		}
		Statement statement = (this.sessions.size() == 1) ? toOne(connection, counts[0], tokens[0])
				: toMany(connection, counts, tokens);
		Row[] rows = new Row[this.sessions.size()];
		return Flux.from(statement.execute()).concatMap((result) -> result.map((row) -> {
			rows[(int) Columns.number(row, "o") - 1] = Row.of(row);
			return row;
		})).then(Mono.fromSupplier(() -> answers(rows)));
	}

	private Statement toOne(Connection connection, long count, long tokens) {
		SessionKey session = this.appends.get(0).session();
		Statement statement = connection.createStatement(APPEND_TO_ONE)
			.bind(0, session.tenant())
			.bind(1, session.sessionId())
			.bind(2, count)
			.bind(3, tokens);
		// they stand in the order of the requests, and so does each one's place
		List<NewMessage> messages = this.appends.stream().flatMap((append) -> append.messages().stream()).toList();
		return MessageColumns.of(messages).bindTo(statement, 4);
	}

	private Statement toMany(Connection connection, Long[] counts, Long[] tokens) {
		int size = this.sessions.size();
		Statement statement = connection.createStatement(APPEND)
			.bind(0, this.sessions.keySet().stream().map(SessionKey::tenant).toArray(String[]::new))
			.bind(1, this.sessions.keySet().stream().map(SessionKey::sessionId).toArray(String[]::new))
			.bind(2, Arrays.copyOf(counts, size))
			.bind(3, Arrays.copyOf(tokens, size));
		List<NewMessage> messages = new ArrayList<>(this.appends.size());
		List<Long> sessionPlaces = new ArrayList<>(this.appends.size());
		List<Long> places = new ArrayList<>(this.appends.size());
		for (int n = 0; n < this.appends.size(); n++) {
			List<NewMessage> own = this.appends.get(n).messages();
			for (int i = 0; i < own.size(); i++) {
				messages.add(own.get(i));
				sessionPlaces.add(this.sessionOf[n] + 1L);
				places.add(this.offsets[n] + i + 1);
			}
		}
		statement.bind(4, sessionPlaces.toArray(Long[]::new)).bind(5, places.toArray(Long[]::new));
		return MessageColumns.of(messages).bindTo(statement, 6);
	}

	private List<Answer<Appended>> answers(@Nullable Row[] rows) {
		List<Answer<Appended>> answers = new ArrayList<>(this.appends.size());
		for (int n = 0; n < this.appends.size(); n++) {
			Row row = rows[this.sessionOf[n]];
			answers.add((row != null) ? Answer.of(row.appended(this.offsets[n], this.appends.get(n).messages().size()))
					: Answer.failed(Undecided.INSTANCE));
		}
		return answers;
	}

	/** A session as it was locked. */
	private record Row(long id, long lastSeq, long lastSwitchNo, Instant now) {

		static Row of(Readable row) {
			return new Row(Columns.number(row, "id"), Columns.number(row, "last_seq"),
					Columns.number(row, "last_switch_no"), Timestamps.parse(Columns.text(row, "now")));
		}

		Appended appended(long offset, int count) {
			return new Appended(this.id, this.lastSeq + offset + 1, this.lastSeq + offset + count, this.lastSwitchNo,
					this.now, false);
		}

	}

	/** The session is missing or deleted; nothing was done. */
	static final class Undecided extends RuntimeException {

		static final Undecided INSTANCE = new Undecided();

		private Undecided() {
			super("undecided", null, false, false);
		}

	}

}
