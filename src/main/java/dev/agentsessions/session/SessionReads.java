package dev.agentsessions.session;

import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

import dev.agentsessions.database.Engine;
import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.database.lane.LargeRowsApart;
import dev.agentsessions.database.lane.operation.BatchedSelect;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.database.rows.RowReader;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.concurrent.Queues;

import org.springframework.stereotype.Component;

/**
 * Sessions as they are now, through a lane. Every read of a log begins with its head,
 * which says what the log holds. Errors of all: 503.
 */
@Component
public final class SessionReads {

	private static final RowArrays<SessionKey> keys = new RowArrays<SessionKey>("t").text("tenant", SessionKey::tenant)
		.text("sid", SessionKey::sessionId);

	private static final String FROM = "from sessions where tenant = :tenant and session_id = :sid";

	private static final BatchedSelect<SessionKey, LogHead> heads = select(LogHead.COLUMNS, LogHead::of);

	private static final BatchedSelect<SessionKey, SessionState> states = select(SessionState.COLUMNS,
			SessionState::of);

	private static final MovedSessions moved = new MovedSessions();

	private final Lanes lanes;

	private final LargeRowsApart<SessionKey, SessionRow> rows;

	SessionReads(Lanes lanes, Engine engine) {
		this.lanes = lanes;
		this.rows = new LargeRowsApart<>(engine, keys, SessionRow.COLUMNS, "metadata_json", FROM, SessionRow::of);
	}

	/**
	 * The whole row. Errors: also 404, and 410 unless deleted sessions are asked for as
	 * well.
	 */
	public Mono<SessionRow> require(SessionKey key, boolean includeDeleted) {
		return this.rows.read(this.lanes, key, key)
			.map((row) -> row.orElseThrow(SessionProblems::notFound).requireVisible(includeDeleted));
	}

	/** The whole row, empty if there is no session. Errors: also 410. */
	public Mono<Optional<SessionRow>> find(SessionKey key) {
		return this.rows.read(this.lanes, key, key).map((row) -> row.map((found) -> found.requireVisible(false)));
	}

	/**
	 * The head of the log. Errors: also 404, and 410 unless deleted sessions are asked
	 * for as well.
	 */
	public Mono<LogHead> requireHead(SessionKey key, boolean includeDeleted) {
		return findHead(key, includeDeleted).map((head) -> head.orElseThrow(SessionProblems::notFound));
	}

	/**
	 * The head of the log, empty if there is no session. Errors: also 410 unless deleted
	 * sessions are asked for.
	 */
	public Mono<Optional<LogHead>> findHead(SessionKey key, boolean includeDeleted) {
		return find(heads, key).map((head) -> head.map((found) -> found.requireVisible(includeDeleted)));
	}

	/** How far the session has come, whether it exists or not. */
	public Mono<SessionState> state(SessionKey key) {
		return find(states, key).map((state) -> state.orElseGet(() -> SessionState.none(key)));
	}

	/**
	 * Which of these sessions may be somewhere else now: all that are, those that are not
	 * known to exist, and on H2 the others as well. Where few are it costs much less than
	 * the states of all.
	 * @param known some hundred at most: those of a bucket are compared in one statement.
	 * If that fails for some, the others are told before the error
	 */
	public Flux<SessionKey> moved(List<SessionState> known) {
		return Flux.fromIterable(this.lanes.buckets().divide(known))
			.flatMapDelayError((some) -> this.lanes.read(some.get(0), moved, some), Queues.SMALL_BUFFER_SIZE, 1)
			.flatMapIterable((keys) -> keys);
	}

	private <R> Mono<Optional<R>> find(BatchedSelect<SessionKey, R> select, SessionKey key) {
		return this.lanes.read(key, select, key)
			.map((found) -> found.isEmpty() ? Optional.empty() : Optional.of(found.get(0)));
	}

	private static <R> BatchedSelect<SessionKey, R> select(String columns,
			BiFunction<SessionKey, RowReader, R> mapper) {
		return new BatchedSelect<>(keys, "select " + columns + " " + FROM, mapper);
	}

}
