package dev.agentsessions.session;

import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

import dev.agentsessions.database.Engine;
import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.database.lane.operation.BatchedSelect;
import dev.agentsessions.database.rows.JsonText;
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

	private static final String IS_LARGE = JsonText.isLarge("metadata_json");

	/** The columns of a row, but of metadata only what is small. */
	private static final String SMALL_COLUMNS = SessionRow.COLUMNS.replace("cast(metadata_json",
			"cast(case when not " + IS_LARGE + " then metadata_json end") + ", " + IS_LARGE + " as is_large";

	/** What a row with large metadata is taken for when a batch is weighed, in bytes. */
	private static final long LARGE_ROW = 128 * 1024;

	private static final BatchedSelect<SessionKey, SessionRow> largeRows = select(SessionRow.COLUMNS,
			(key, row) -> SessionRow.of(row))
		.heavy((key) -> LARGE_ROW);

	private static final BatchedSelect<SessionKey, LogHead> heads = select(LogHead.COLUMNS, LogHead::of);

	private static final BatchedSelect<SessionKey, SessionState> states = select(SessionState.COLUMNS,
			SessionState::of);

	private static final MovedSessions moved = new MovedSessions();

	private final Lanes lanes;

	private final BatchedSelect<SessionKey, SmallRow> smallRows;

	SessionReads(Lanes lanes, Engine engine) {
		this.lanes = lanes;
		// on H2 each row is a statement of its own
		this.smallRows = select(
				(engine == Engine.POSTGRESQL) ? SMALL_COLUMNS : SessionRow.COLUMNS + ", false as is_large",
				(key, row) -> new SmallRow(SessionRow.of(row), row.flag()));
	}

	/**
	 * The whole row. Errors: also 404, and 410 unless deleted sessions are asked for as
	 * well.
	 */
	public Mono<SessionRow> require(SessionKey key, boolean includeDeleted) {
		return row(key).map((row) -> row.orElseThrow(SessionProblems::notFound).requireVisible(includeDeleted));
	}

	/** The whole row, empty if there is no session. Errors: also 410. */
	public Mono<Optional<SessionRow>> find(SessionKey key) {
		return row(key).map((row) -> row.map((found) -> found.requireVisible(false)));
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

	/** Many may share a statement, so what is large is left to a heavy one. */
	private Mono<Optional<SessionRow>> row(SessionKey key) {
		return find(this.smallRows, key).flatMap((found) -> found.filter(SmallRow::isLarge).isPresent()
				? find(largeRows, key) : Mono.just(found.map(SmallRow::row)));
	}

	private <R> Mono<Optional<R>> find(BatchedSelect<SessionKey, R> select, SessionKey key) {
		return this.lanes.read(key, select, key)
			.map((found) -> found.isEmpty() ? Optional.empty() : Optional.of(found.get(0)));
	}

	private static <R> BatchedSelect<SessionKey, R> select(String columns,
			BiFunction<SessionKey, RowReader, R> mapper) {
		return new BatchedSelect<>(
				new RowArrays<SessionKey>("t").text("tenant", SessionKey::tenant).text("sid", SessionKey::sessionId),
				"select " + columns + " from sessions where tenant = :tenant and session_id = :sid", mapper);
	}

	/**
	 * A row as it is read with many others.
	 *
	 * @param isLarge whether its metadata were too large for that, and are missing
	 */
	private record SmallRow(SessionRow row, boolean isLarge) {
	}

}
