package dev.agentsessions.write.batch;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.agentsessions.database.lane.operation.Answer;
import dev.agentsessions.database.lane.operation.LaneConnection;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.database.rows.RowReader;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionState;
import dev.agentsessions.view.View;
import dev.agentsessions.write.Change;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Writes;
import dev.agentsessions.write.Writes.Done;
import dev.agentsessions.write.Written;
import io.r2dbc.spi.Statement;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The appends that most are: without a key or a condition, to sessions that exist. There
 * is nothing to decide but whether a session is there, so one statement of PostgreSQL
 * locks and writes: which numbers the messages get is counted here, from the last one of
 * the locked row. For a session that is missing or deleted nothing is written, nor for
 * one whose time could not be read.
 */
final class PlainAppends {

	private static final RowArrays<AppendedSession> SESSIONS = new RowArrays<AppendedSession>("q")
		.number("o", (session) -> session.number)
		.text("tenant", (session) -> session.key.tenant())
		.text("sid", (session) -> session.key.sessionId())
		.number("messages", (session) -> session.count)
		.number("tokens", (session) -> session.tokens);

	private static final String INSERT = """
			    insert into messages (session_db_id, seq, timestamp, %s)
			    select l.id, l.last_seq + d.place, l.at, %s
			""";

	private static final String RESULT = "select l.o, l.at::text,"
			+ " extract(microseconds from l.now - statement_timestamp())::bigint,"
			+ " l.id, l.first_seq, l.last_seq, l.last_switch_no, l.last_view_no";

	/**
	 * All is committed when answers are read, so nothing may be in them that cannot be:
	 * other programs may have written <code>infinity</code>.
	 */
	private static final String READABLE = "coalesce(last_message_at < '10000-01-01', true)";

	// the lateral answers the newest version of each row, whatever the snapshot says
	private static final String TO_MANY = """
			with found as materialized (
			    select w.o, w.messages, w.tokens, s.* from (
			        select * from %s order by tenant collate "C", sid collate "C") w
			    cross join lateral (
			        select id, first_seq, last_seq, last_switch_no, last_view_no, last_message_at from sessions
			        where tenant = w.tenant and session_id = w.sid and deleted_at is null and %s for no key update) s),
			locked as materialized (
			    select f.*, now, greatest(now, last_message_at) as at
			    from found f, (select clock_timestamp() as now from (select count(*) from found) c) n),
			session as (
			    update sessions s set last_seq = l.last_seq + l.messages, total_tokens = s.total_tokens + l.tokens,
			        last_activity = l.at, last_message_at = l.at, is_active = true
			    from locked l where s.id = l.id),
			message as (
			""".formatted(SESSIONS.sql(1), READABLE);

	/**
	 * Appends to one session, as it is when the service has little to do. There is no
	 * order to keep among locks, so the update itself takes the lock. The time is taken
	 * after it, and once: the look-up of the row is done again when it had to wait.
	 */
	private static final String TO_ONE = """
			with locked as (
			    update sessions s set last_seq = last_seq + $3, total_tokens = total_tokens + $4, is_active = true,
			        (last_activity, last_message_at) = (select t, t from (
			            select greatest(clock_timestamp(), s.last_message_at) as t where s.id > 0) c)
			    where tenant = $1 and session_id = $2 and deleted_at is null and %s
			    returning 1 as o, id, first_seq, last_seq - $3 as last_seq, last_switch_no, last_view_no,
			        last_message_at as at, least(last_message_at, clock_timestamp()) as now),
			message as (
			""".formatted(READABLE);

	private static final Map<MessageColumns, Variant> VARIANTS = Map.of(MessageColumns.PLAIN,
			new Variant(MessageColumns.PLAIN), MessageColumns.ALL, new Variant(MessageColumns.ALL));

	private final List<Write> writes;

	private final long epoch;

	private final Map<SessionKey, AppendedSession> byKey = new HashMap<>();

	/** By their numbers, from 1. */
	private final List<AppendedSession> sessions = new ArrayList<>();

	private final List<Message> messages = new ArrayList<>();

	private final PrintedJson printed = new PrintedJson();

	private PlainAppends(List<Write> writes, long epoch) {
		this.writes = writes;
		this.epoch = epoch;
		for (Write write : writes) {
			AppendedSession session = this.byKey.computeIfAbsent(write.session(), this::begin);
			for (NewMessage message : write.messages()) {
				this.messages.add(new Message(session.number, ++session.count, message));
				session.tokens += message.tokens();
			}
		}
	}

	private AppendedSession begin(SessionKey key) {
		AppendedSession session = new AppendedSession(key, this.sessions.size() + 1L);
		this.sessions.add(session);
		return session;
	}

	/**
	 * Appends all that can be.
	 * @return the answers in the order of the writes; {@link Writes.Undecided} for those
	 * of which nothing was done
	 */
	static Mono<List<Answer<Done>>> run(LaneConnection connection, List<Write> writes, long epoch) {
		return new PlainAppends(writes, epoch).run(connection);
	}

	private Mono<List<Answer<Done>>> run(LaneConnection connection) {
		Variant variant = VARIANTS.get(MessageColumns.of(this.messages.stream().map(Message::message).toList()));
		Statement statement;
		if (this.sessions.size() == 1) {
			statement = connection.connection().createStatement(variant.toOne);
			AppendedSession session = this.sessions.get(0);
			statement.bind(0, session.key.tenant())
				.bind(1, session.key.sessionId())
				.bind(2, session.count)
				.bind(3, session.tokens);
			variant.rows.bind(statement, 5, this.messages);
		}
		else {
			statement = connection.connection().createStatement(variant.toMany);
			SESSIONS.bind(statement, 1, this.sessions);
			variant.rows.bind(statement, 1 + SESSIONS.count(), this.messages);
		}
		return connection.forEachRow(statement, (row) -> {
			AppendedSession session = this.sessions.get((int) row.number() - 1);
			session.at = row.time();
			connection.hasWaitedForLocks(row.number());
			session.take(row);
			if (variant.printsJson) {
				takeJson(session, row);
			}
		}).then(Mono.fromSupplier(this::answers));
	}

	private void takeJson(AppendedSession session, RowReader row) {
		Long seq = row.optionalNumber();
		if (seq != null) {
			this.printed.addMessage(session.id, seq, row);
		}
	}

	private List<Answer<Done>> answers() {
		List<Answer<Done>> answers = new ArrayList<>(this.writes.size());
		for (Write write : this.writes) {
			AppendedSession session = this.byKey.get(write.session());
			answers.add((session.state == null) ? Answer.failed(Writes.Undecided.INSTANCE)
					: Answer.of(done(write, session, session.state)));
		}
		return answers;
	}

	private Done done(Write write, AppendedSession session, SessionState before) {
		long first = before.lastSeq() + 1;
		SessionState after = before.appendedUpTo(before.lastSeq() + write.messages().size());
		session.state = after;
		return new Done(new Written(null, null, first, after.lastSeq(), null, session.at, false, null, 0),
				new Change(before, after, first, session.at,
						this.printed.messages(before.id(), first, write.messages()), List.of()),
				this.epoch);
	}

	/** A session, by its number in the statement. */
	private static final class AppendedSession {

		private final SessionKey key;

		private final long number;

		private long count;

		private long tokens;

		private Instant at = Instant.EPOCH;

		private long id;

		/** As it was locked, and as each write leaves it; null if nothing was done. */
		private @Nullable SessionState state;

		AppendedSession(SessionKey key, long number) {
			this.key = key;
			this.number = number;
		}

		void take(RowReader row) {
			this.id = row.number();
			this.state = new SessionState(this.key, this.id, row.number(), row.number(), row.number(), 0, false,
					View.numbered(row.number()));
		}

	}

	/** The statements for messages with these columns. */
	private static final class Variant {

		private final RowArrays<Message> rows;

		private final String toOne;

		private final String toMany;

		/** Whether the JSON of messages is told as it will be read. */
		private final boolean printsJson;

		Variant(MessageColumns columns) {
			this.rows = columns.add(
					new RowArrays<Message>("d").number("o", Message::session).number("place", Message::place),
					Message::message);
			this.printsJson = columns == MessageColumns.ALL;
			String insert = INSERT.formatted(columns.names, columns.values);
			String end = columns.returning + ")\n" + RESULT;
			end += !this.printsJson ? " from locked l"
					: ", m.seq, " + MessageColumns.PRINTED.formatted("m.")
							+ " from locked l left join message m on m.session_db_id = l.id and "
							+ MessageColumns.HAS_JSON.formatted("m.");
			this.toOne = TO_ONE + insert + "from locked l, " + this.rows.sql(5) + end;
			this.toMany = TO_MANY + insert + "from " + this.rows.sql(1 + SESSIONS.count()) + " join locked l using (o)"
					+ end;
		}

	}

	/** A message at its place among those of its session, counted from 1. */
	private record Message(long session, long place, NewMessage message) {
	}

}
