package dev.agentsessions.tail.draft.store;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

import dev.agentsessions.database.Engine;
import dev.agentsessions.database.lane.operation.Answer;
import dev.agentsessions.database.lane.operation.LaneConnection;
import dev.agentsessions.database.lane.operation.LaneOperation;
import dev.agentsessions.database.rows.Binding;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.database.rows.RowReader;
import io.r2dbc.spi.Statement;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Writes what is new of many drafts in one statement, each on condition that its writer
 * is the present one. On H2 one after the other.
 */
final class DraftFlushes implements LaneOperation<DraftFlush, DraftFlush.Flushed> {

	private static final RowArrays<DraftFlush> FLUSHES = new RowArrays<DraftFlush>("t").number("id", DraftFlush::id)
		.number("no", DraftFlush::no)
		.number("from_offset", DraftFlush::from)
		.text("text", DraftFlush::text)
		.number("length", DraftFlush::length)
		.text("replica", DraftFlush::replica);

	private static final String SESSION_IS_THERE = """
			exists (select 1 from sessions s where s.id = d.session_db_id and s.tenant = d.tenant and s.deleted_at is null)""";

	/**
	 * Rows are locked in their order, as in all statements that lock several. Two writers
	 * may tell of one draft, and each hears of its own.
	 */
	private static final String FLUSH = """
			with t as (select * from %s),
			locked as materialized (
			    select id from drafts where id = any ($1) order by id for no key update),
			flushed as (
			    update drafts d set text_length = t.length, replica = t.replica, written_at = (select clock_timestamp())
			    from t join locked using (id)
			    where d.id = t.id and d.draft_no = t.no and d.text_length = t.from_offset
			    returning t.n, d.text_length),
			added as (
			    insert into draft_pieces (draft_id, from_offset, text)
			    select t.id, t.from_offset, t.text from t join flushed using (n) where t.text <> '')
			select t.n, f.n is not null, d.draft_no, coalesce(f.text_length, d.text_length, 0), %s,
			    coalesce(d.wanted_at > clock_timestamp() - make_interval(secs => %d), false)
			from t left join flushed f using (n) left join drafts d using (id)
			""".formatted(FLUSHES.numbered(1, "n"), SESSION_IS_THERE, DraftFlush.WANTED.toSeconds());

	private static final String FLUSH_ONE = """
			update drafts set text_length = :length, replica = :replica, written_at = current_timestamp
			where id = :id and draft_no = :no and text_length = :from
			""";

	private static final String ADD_ONE = "insert into draft_pieces (draft_id, from_offset, text) values (:id, :from, :text)";

	private static final String LOOK_AT_ONE = "select d.draft_no, d.text_length, " + SESSION_IS_THERE
			+ " from drafts d where d.id = :id";

	@Override
	public long size(DraftFlush request) {
		return request.size();
	}

	@Override
	public Mono<List<Answer<DraftFlush.Flushed>>> run(LaneConnection connection, List<DraftFlush> requests) {
		return (connection.engine() == Engine.H2) ? Flux.fromIterable(requests)
			.concatMap((request) -> one(connection, request))
			.map(Answer::of)
			.collectList() : together(connection, requests);
	}

	private static Mono<List<Answer<DraftFlush.Flushed>>> together(LaneConnection connection,
			List<DraftFlush> requests) {
		Statement statement = connection.connection().createStatement(FLUSH);
		FLUSHES.bind(statement, 1, requests);
		List<@Nullable Answer<DraftFlush.Flushed>> answers = new ArrayList<>(
				Collections.nCopies(requests.size(), null));
		return connection.forEachRow(statement, (row) -> answers.set((int) row.number() - 1, Answer.of(outcome(row))))
			.then(Mono.fromSupplier(() -> answers.stream().map(Objects::requireNonNull).toList()));
	}

	private static DraftFlush.Flushed outcome(RowReader row) {
		return new DraftFlush.Flushed(row.flag(), row.optionalNumber(), row.number(), row.flag(), row.flag());
	}

	private static Mono<DraftFlush.Flushed> one(LaneConnection connection, DraftFlush flush) {
		Mono<Long> updated = Binding.bind(connection.client().sql(FLUSH_ONE), "replica", flush.replica(), String.class)
			.bind("length", flush.length())
			.bind("id", flush.id())
			.bind("no", flush.no())
			.bind("from", flush.from())
			.fetch()
			.rowsUpdated();
		Mono<Long> added = connection.client()
			.sql(ADD_ONE)
			.bind("id", flush.id())
			.bind("from", flush.from())
			.bind("text", flush.text())
			.fetch()
			.rowsUpdated();
		return updated.flatMap((rows) -> ((rows > 0 && !flush.text().isEmpty()) ? added : Mono.just(rows))
			.then(look(connection, flush.id(), rows > 0)));
	}

	private static Mono<DraftFlush.Flushed> look(LaneConnection connection, long id, boolean done) {
		return connection.client().sql(LOOK_AT_ONE).bind("id", id).map((found) -> {
			RowReader row = new RowReader(found);
			return new DraftFlush.Flushed(done, row.number(), row.number(), row.flag(), false);
		}).one().defaultIfEmpty(new DraftFlush.Flushed(false, null, 0, false, false));
	}

}
