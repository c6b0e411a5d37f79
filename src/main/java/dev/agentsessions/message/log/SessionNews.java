package dev.agentsessions.message.log;

import java.util.List;

import dev.agentsessions.database.Engine;
import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.database.lane.operation.BatchedSelect;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.StoredLines;
import dev.agentsessions.session.SessionReads;
import dev.agentsessions.session.SessionState;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Component;

/**
 * For those who follow sessions: how far one has come since they last looked.
 */
@Component
public class SessionNews {

	/** More new messages than this don't come with the state. */
	private static final int MOST = 32;

	/** Nor do messages of more bytes, and those behind them. */
	private static final int MOST_BYTES = 4 * 1024;

	// nothing is looked for where nothing is new
	private static final String NEW = "select * from messages where session_db_id = s.id and s.id = :known"
			+ " and seq between :seq + 1 and s.last_seq and s.last_seq - :seq <= " + MOST + " order by seq offset 0";

	/** On PostgreSQL alone. State and messages are of one moment. */
	private static final BatchedSelect<SessionState, News> NEWS = new BatchedSelect<>(
			new RowArrays<SessionState>("t").text("tenant", (state) -> state.key().tenant())
				.text("sid", (state) -> state.key().sessionId())
				.number("known", SessionState::id)
				.number("seq", SessionState::lastSeq),
			"""
					select m.lines, s.* from (
					    select %s from sessions where tenant = :tenant and session_id = :sid offset 0) s
					cross join lateral (%s) m
					""".formatted(SessionState.COLUMNS, StoredLines.small(NEW, Integer.toString(MOST_BYTES))),
			(known, row) -> new News(messages(row.optionalText()), SessionState.of(known.key(), row)))
		.weighing((known) -> MOST * MOST_BYTES / 8);

	private final SessionReads sessions;

	private final Lanes lanes;

	private final LogCache cache;

	private final boolean readsAhead;

	SessionNews(SessionReads sessions, Lanes lanes, LogCache cache, CacheSettings settings, Engine engine) {
		this.sessions = sessions;
		this.lanes = lanes;
		this.cache = cache;
		this.readsAhead = engine == Engine.POSTGRESQL && settings.bytes() > 0;
	}

	/**
	 * How far the session has come, whether it exists or not. What is new, and asked for
	 * next, is put into the cache meanwhile, if it is little: that saves the second of
	 * two statements. Errors: 503.
	 * @param known where it was
	 */
	public Mono<SessionState> since(SessionState known) {
		return this.readsAhead ? readAhead(known) : this.sessions.state(known.key());
	}

	private Mono<SessionState> readAhead(SessionState known) {
		return Mono.defer(() -> {
			long epoch = this.cache.epoch();
			return this.lanes.read(known.key(), NEWS, known).map((found) -> {
				if (found.isEmpty()) {
					return SessionState.none(known.key());
				}
				News news = found.get(0);
				this.cache.put(epoch, news.state.id(), news.messages);
				return news.state;
			});
		});
	}

	private static List<EncodedMessage> messages(@Nullable String lines) {
		return (lines != null) ? StoredLines.read(lines) : List.of();
	}

	/**
	 * What there is of a session.
	 *
	 * @param messages the first ones behind what was known, ascending; maybe none
	 */
	private record News(List<EncodedMessage> messages, SessionState state) {
	}

}
