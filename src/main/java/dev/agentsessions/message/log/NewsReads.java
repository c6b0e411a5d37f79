package dev.agentsessions.message.log;

import java.util.ArrayList;
import java.util.List;

import dev.agentsessions.database.Answer;
import dev.agentsessions.database.Columns;
import dev.agentsessions.database.LaneConnection;
import dev.agentsessions.database.LaneOperation;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.session.SessionState;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Statement;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The states of sessions that are known to have been somewhere, many in one statement,
 * and together with each the messages that are new since then, if they are few and small:
 * both are of one moment. On PostgreSQL alone.
 */
final class NewsReads implements LaneOperation<SessionState, NewsReads.News> {

	/** More new messages than this don't come with the state. */
	private static final int MOST = 32;

	/** Nor do messages of more bytes, and those behind them. */
	private static final int MOST_BYTES = 4 * 1024;

	/** A batch takes in no more bytes of messages than this, give or take a session. */
	private static final long MOST_TOGETHER = 4 * 1024 * 1024;

	// nothing is looked for where nothing is new
	private static final String NEW = "select * from messages where session_db_id = s.id and s.id = t.known"
			+ " and seq between t.seq + 1 and s.last_seq and s.last_seq - t.seq <= " + MOST + " order by seq offset 0";

	private static final String SELECT = """
			select t.n, m.lines, s.*
			from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) with ordinality t(tenant, sid, known, seq, n)
			cross join lateral (
			    select %s from sessions where tenant = t.tenant and session_id = t.sid offset 0) s
			cross join lateral (%s) m
			"""
		.formatted(SessionState.COLUMNS, StoredLines.small(NEW, Integer.toString(MOST_BYTES)));

	@Override
	public boolean isRead() {
		return true;
	}

	@Override
	public Mono<List<Answer<News>>> run(LaneConnection connection, List<SessionState> known) {
		Statement statement = connection.connection()
			.createStatement(SELECT)
			.bind(0, known.stream().map((state) -> state.key().tenant()).toArray(String[]::new))
			.bind(1, known.stream().map((state) -> state.key().sessionId()).toArray(String[]::new))
			.bind(2, known.stream().map(SessionState::id).toArray(Long[]::new))
			.bind(3, known.stream().map(SessionState::lastSeq).toArray(Long[]::new));
		Batch batch = new Batch(known);
		return Flux.from(statement.execute()).concatMap((result) -> result.map((row) -> {
			batch.take(row);
			return true;
		})).then(Mono.fromSupplier(batch::answers));
	}

	/**
	 * What there is of a session.
	 *
	 * @param messages the first ones behind what was known, ascending; maybe none
	 */
	record News(SessionState state, List<EncodedMessage> messages) {
	}

	/** What is found of several sessions. */
	private static final class Batch {

		private final List<SessionState> known;

		private final List<Answer<News>> answers;

		private long bytes;

		/** A session without a row is one that does not exist. */
		Batch(List<SessionState> known) {
			this.known = known;
			this.answers = new ArrayList<>(known.size());
			known.forEach((state) -> this.answers.add(Answer.of(new News(SessionState.none(state.key()), List.of()))));
		}

		void take(Readable row) {
			int at = (int) Columns.number(row, "n") - 1;
			SessionState state = SessionState.of(this.known.get(at).key(), row);
			String lines = (this.bytes < MOST_TOGETHER) ? Columns.optionalText(row, "lines") : null;
			List<EncodedMessage> messages = (lines != null) ? StoredLines.read(lines) : List.of();
			this.bytes += EncodedMessage.bytes(messages);
			this.answers.set(at, Answer.of(new News(state, messages)));
		}

		List<Answer<News>> answers() {
			return this.answers;
		}

	}

}
