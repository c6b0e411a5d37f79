package dev.agentsessions.database.lane.operation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.ToLongFunction;

import dev.agentsessions.database.Engine;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.database.rows.RowReader;
import io.r2dbc.spi.Statement;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A select that many callers ask for at once, as one statement of PostgreSQL; what
 * several ask for with equal parameters is read once. On H2 each is a statement of its
 * own.
 *
 * @param <Q> the parameters, a value
 * @param <R> what a row is read into
 */
public final class BatchedSelect<Q, R> implements LaneOperation<Q, List<R>> {

	private final RowArrays<Q> parameters;

	private final BiFunction<Q, RowReader, R> mapper;

	private final String one;

	private final String many;

	private final ToLongFunction<Q> size;

	private final boolean heavy;

	/**
	 * Makes a select of few small rows.
	 * @param parameters what each caller brings, called <code>t</code>; none is null
	 * @param select in which they are named <code>:like_this</code>
	 * @param mapper from the columns of a row, in their order, to what is asked for
	 */
	public BatchedSelect(RowArrays<Q> parameters, String select, BiFunction<Q, RowReader, R> mapper) {
		this(parameters, select, mapper, (request) -> 0, false);
	}

	private BatchedSelect(RowArrays<Q> parameters, String select, BiFunction<Q, RowReader, R> mapper,
			ToLongFunction<Q> size, boolean heavy) {
		this.parameters = parameters;
		this.mapper = mapper;
		this.size = size;
		this.heavy = heavy;
		this.one = select;
		// the lateral makes it one scan of an index each, in its own order; a join would
		// hash whole tables
		this.many = "select t.n, s.* from " + parameters.numbered(1, "n") + " cross join lateral ("
				+ select.replaceAll("(?<!:):(\\w+)", "t.$1") + " offset 0) s";
	}

	/**
	 * This select as one of which fewer go together.
	 * @param size what one is taken for when a batch is weighed, in bytes
	 */
	public BatchedSelect<Q, R> weighing(ToLongFunction<Q> size) {
		return new BatchedSelect<>(this.parameters, this.one, this.mapper, size, this.heavy);
	}

	/**
	 * This select as one that reads many rows, which light reads shall not wait for.
	 * @param size about how many bytes are read
	 */
	public BatchedSelect<Q, R> heavy(ToLongFunction<Q> size) {
		return new BatchedSelect<>(this.parameters, this.one, this.mapper, size, true);
	}

	@Override
	public boolean isRead() {
		return true;
	}

	@Override
	public boolean isHeavy() {
		return this.heavy;
	}

	@Override
	public long size(Q request) {
		return this.size.applyAsLong(request);
	}

	@Override
	public Mono<List<Answer<List<R>>>> run(LaneConnection connection, List<Q> requests) {
		Map<Q, List<R>> found = new LinkedHashMap<>();
		requests.forEach((request) -> found.computeIfAbsent(request, (key) -> new ArrayList<>(1)));
		Mono<Void> all = (connection.engine() == Engine.H2) ? each(connection, found)
				: together(connection, List.copyOf(found.keySet()), found);
		return all.then(Mono.fromSupplier(() -> {
			List<Answer<List<R>>> answers = new ArrayList<>(requests.size());
			requests.forEach((request) -> answers.add(Answer.of(rows(found, request))));
			return answers;
		}));
	}

	private Mono<Void> together(LaneConnection connection, List<Q> distinct, Map<Q, List<R>> found) {
		Statement statement = connection.connection().createStatement(this.many);
		this.parameters.bind(statement, 1, distinct);
		return connection.forEachRow(statement, (row) -> {
			Q request = distinct.get((int) row.number() - 1);
			rows(found, request).add(this.mapper.apply(request, row));
		});
	}

	private Mono<Void> each(LaneConnection connection, Map<Q, List<R>> found) {
		return Flux.fromIterable(found.keySet())
			.concatMap((request) -> this.parameters.bind(connection.client().sql(this.one), request)
				.map((row) -> this.mapper.apply(request, new RowReader(row)))
				.all()
				.doOnNext(rows(found, request)::add))
			.then();
	}

	private static <Q, R> List<R> rows(Map<Q, List<R>> found, Q request) {
		return Objects.requireNonNull(found.get(request));
	}

}
