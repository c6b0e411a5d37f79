package dev.agentsessions.message.log;

import java.util.ArrayList;
import java.util.List;

import dev.agentsessions.database.lane.operation.Answer;
import dev.agentsessions.database.lane.operation.LaneConnection;
import dev.agentsessions.database.lane.operation.LaneOperation;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.database.rows.RowReader;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.StoredLines;
import dev.agentsessions.session.SessionState;
import io.r2dbc.spi.Statement;
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

	private static final RowArrays<SessionState> KNOWN = new RowArrays<SessionState>("t")
		.text("tenant", (state) -> state.key().tenant())
		.text("sid", (state) -> state.key().sessionId())
		.number("known", SessionState::id)
		.number("seq", SessionState::lastSeq);

	private static final String SELECT = """
			select t.n, m.lines, s.* from %s
			cross join lateral (
			    select %s from sessions where tenant = t.tenant and session_id = t.sid offset 0) s
			cross join lateral (%s) m
			""".formatted(KNOWN.numbered(1, "n"), SessionState.COLUMNS,
			StoredLines.small(NEW, Integer.toString(MOST_BYTES)));

	@Override
	public boolean isRead() {
		return true;
	}

	@Override
	public Mono<List<Answer<News>>> run(LaneConnection connection, List<SessionState> known) {
		Statement statement = connection.connection().createStatement(SELECT);
		KNOWN.bind(statement, 1, known);
		NewsRead batch = new NewsRead(known);
		return connection.forEachRow(statement, batch::take).then(Mono.fromSupplier(batch::answers));
	}

	/**
	 * What there is of a session.
	 *
	 * @param messages the first ones behind what was known, ascending; maybe none
	 */
	record News(SessionState state, List<EncodedMessage> messages) {
	}

	/** What is found of several sessions. */
	private static final class NewsRead {

		private final List<SessionState> known;

		private final List<Answer<News>> answers;

		private long bytes;

		/** A session without a row is one that does not exist. */
		NewsRead(List<SessionState> known) {
			this.known = known;
			this.answers = new ArrayList<>(known.size());
			known.forEach((state) -> this.answers.add(Answer.of(new News(SessionState.none(state.key()), List.of()))));
		}

		void take(RowReader row) {
			int at = (int) row.number() - 1;
			String found = row.optionalText();
			SessionState state = SessionState.of(this.known.get(at).key(), row);
			List<EncodedMessage> messages = (found != null && this.bytes < MOST_TOGETHER) ? StoredLines.read(found)
					: List.of();
			this.bytes += EncodedMessage.bytes(messages);
			this.answers.set(at, Answer.of(new News(state, messages)));
		}

		List<Answer<News>> answers() {
			return this.answers;
		}

	}

}
