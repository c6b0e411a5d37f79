package dev.agentsessions.message;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.agentsessions.database.Answer;
import dev.agentsessions.database.Columns;
import dev.agentsessions.database.LaneConnection;
import dev.agentsessions.database.Timestamps;
import dev.agentsessions.session.SessionKey;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Statement;
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
		return new PlainAppends(appends).run(connection.connection().createStatement(APPEND));
	}

	private Mono<List<Answer<Appended>>> run(Statement statement) {
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
		int size = this.sessions.size();
		statement.bind(0, this.sessions.keySet().stream().map(SessionKey::tenant).toArray(String[]::new))
			.bind(1, this.sessions.keySet().stream().map(SessionKey::sessionId).toArray(String[]::new))
			.bind(2, Arrays.copyOf(counts, size))
			.bind(3, Arrays.copyOf(tokens, size));
		bindMessages(statement);
		List<Answer<Appended>> answers = new ArrayList<>(
				Collections.nCopies(this.appends.size(), Answer.failed(Undecided.INSTANCE)));
		Row[] rows = new Row[size];
		return Flux.from(statement.execute()).concatMap((result) -> result.map((row) -> {
			rows[(int) Columns.number(row, "o") - 1] = Row.of(row);
			return row;
		})).then(Mono.fromSupplier(() -> {
			for (int n = 0; n < this.sessionOf.length; n++) {
				Row row = rows[this.sessionOf[n]];
				if (row != null) {
					answers.set(n, Answer.of(row.appended(this.offsets[n], this.appends.get(n).messages().size())));
				}
			}
			return answers;
		}));
	}

	private void bindMessages(Statement statement) {
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
		MessageColumns columns = MessageColumns.of(messages);
		statement.bind(4, sessionPlaces.toArray(Long[]::new))
			.bind(5, places.toArray(Long[]::new))
			.bind(6, columns.roles())
			.bind(7, columns.contents())
			.bind(8, columns.names())
			.bind(9, columns.toolCallIds())
			.bind(10, columns.toolCalls())
			.bind(11, columns.tokenCounts())
			.bind(12, columns.metadata());
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
