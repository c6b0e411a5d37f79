package dev.agentsessions.database.lane;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

import dev.agentsessions.database.BucketKey;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.lane.operation.BatchedSelect;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.database.rows.RowReader;
import reactor.core.publisher.Mono;

/**
 * Looks up single rows that have a column of JSON. Many may share a statement, so a row
 * in which the JSON is large is left to another one, which is heavy.
 *
 * @param <Q> the parameters, a value
 * @param <R> what a row is read into
 */
public final class LargeRowsApart<Q, R> {

	/** What a large row is taken for when a batch is weighed, in bytes. */
	private static final long LARGE_ROW = 128 * 1024;

	private final BatchedSelect<Q, SmallRow<R>> small;

	private final BatchedSelect<Q, R> large;

	/**
	 * Makes a look-up.
	 * @param parameters what each caller brings, as {@link BatchedSelect} takes it
	 * @param columns of the select
	 * @param json the column of JSON, as it stands in the others
	 * @param from the select behind its columns; finds one row at most
	 */
	public LargeRowsApart(Engine engine, RowArrays<Q> parameters, String columns, String json, String from,
			Function<RowReader, R> mapper) {
		String isLarge = isLarge(json);
		// on H2 each row is a statement of its own
		String smallColumns = (engine == Engine.H2) ? columns + ", false as is_large"
				: columns.replace(json, "case when not " + isLarge + " then " + json + " end") + ", " + isLarge
						+ " as is_large";
		this.small = new BatchedSelect<>(parameters, "select " + smallColumns + " " + from,
				(request, row) -> new SmallRow<>(mapper.apply(row), row.flag()));
		this.large = new BatchedSelect<Q, R>(parameters, "select " + columns + " " + from,
				(request, row) -> mapper.apply(row))
			.heavy((request) -> LARGE_ROW);
	}

	/**
	 * Whether PostgreSQL has more than a little in this column, which it knows without
	 * reading it. What it has compressed may be a hundred times as long.
	 */
	private static String isLarge(String column) {
		return "(pg_column_compression(" + column + ") is not null or coalesce(pg_column_size(" + column
				+ "), 0) > 2048)";
	}

	/** The row, if there is one. Errors: as {@link Lanes#read} says. */
	public Mono<Optional<R>> read(Lanes lanes, BucketKey key, Q request) {
		return lanes.read(key, this.small, request).flatMap((found) -> {
			Optional<SmallRow<R>> first = first(found);
			return first.filter(SmallRow::isLarge).isPresent()
					? lanes.read(key, this.large, request).map(LargeRowsApart::first)
					: Mono.just(first.map(SmallRow::row));
		});
	}

	private static <T> Optional<T> first(List<T> found) {
		return found.stream().findFirst();
	}

	/**
	 * A row as it is read with many others.
	 *
	 * @param isLarge whether its JSON was too large for that, and is missing
	 */
	private record SmallRow<R>(R row, boolean isLarge) {
	}

}
