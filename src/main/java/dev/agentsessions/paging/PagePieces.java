package dev.agentsessions.paging;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

import reactor.core.publisher.Mono;

/**
 * Rows of a list whose rows may be large: read in pieces, until there are as many as
 * asked for or {@link #MOST_BYTES} of them, so that no request makes the database or this
 * process hold more. A page may so have fewer rows than were asked for.
 */
public final class PagePieces {

	/** What the rows of a page may come to, but for the last one. */
	public static final long MOST_BYTES = 2 << 20;

	/**
	 * What a piece is taken for when a batch is weighed, in bytes: mostly it is less, but
	 * each of a batch may be {@link #MOST_BYTES}.
	 */
	public static final long WEIGHT = 64 << 10;

	/**
	 * How many rows the first statement reads at most: the database measures them all.
	 */
	private static final long FIRST = 32;

	private PagePieces() {
	}

	/**
	 * The column <code>bytes</code> of a query.
	 * @param large columns that may be large
	 */
	public static String bytes(String... large) {
		return Arrays.stream(large)
			.map((column) -> "coalesce(char_length(cast(" + column + " as text)), 0)")
			.collect(Collectors.joining(" + ", "", " as bytes"));
	}

	/**
	 * The first rows of a query that has a column <code>bytes</code>: one, and those
	 * before which there are less than {@link #MOST_BYTES}.
	 * @param order of the query, by names of its columns
	 */
	public static String atMostBytes(String query, String order) {
		return firstRows(query, "bytes", order, MOST_BYTES) + " order by " + order;
	}

	/**
	 * The first rows of a query: one, and those before which there are less than so many
	 * bytes.
	 * @param bytes of a row
	 * @param order of the query, which what is found need not have
	 */
	public static String firstRows(String query, String bytes, String order, long mostBytes) {
		return "select * from (select c.*, sum(" + bytes + ") over (order by " + order
				+ " rows between unbounded preceding and 1 preceding) as bytes_before from (" + query
				+ ") c) s where coalesce(bytes_before, 0) < " + mostBytes;
	}

	/**
	 * Reads rows from a place on.
	 * @param most how many are wanted
	 * @param read at most so many rows from a place; fewer if they are too many bytes, or
	 * if there are no more
	 * @param behind the place behind a row
	 * @param bytes of a row, at least as many as the query says
	 */
	public static <P, R> Mono<List<R>> read(P place, long most, BiFunction<P, Long, Mono<List<R>>> read,
			Function<R, P> behind, ToLongFunction<R> bytes) {
		return Mono.defer(() -> read(new ArrayList<>(), place, most, read, behind, bytes));
	}

	private static <P, R> Mono<List<R>> read(List<R> before, P place, long most,
			BiFunction<P, Long, Mono<List<R>>> read, Function<R, P> behind, ToLongFunction<R> bytes) {
		// what came before was small
		long wanted = Math.min(most - before.size(), Math.max(FIRST, 3L * before.size()));
		return read.apply(place, wanted).flatMap((found) -> {
			before.addAll(found);
			boolean isAll = found.size() < wanted || before.size() == most || isCut(before, bytes);
			return isAll ? Mono.just(cut(before, bytes))
					: read(before, behind.apply(found.get(found.size() - 1)), most, read, behind, bytes);
		});
	}

	/**
	 * Whether there may be others behind these, which are as many bytes as a page has.
	 */
	public static <R> boolean isCut(List<R> rows, ToLongFunction<R> bytes) {
		return rows.stream().mapToLong(bytes).sum() >= MOST_BYTES;
	}

	/** Whether these are so many rows, or as many bytes as a page has. */
	public static <R> boolean isFull(List<R> rows, long most, ToLongFunction<R> bytes) {
		return rows.size() >= most || isCut(rows, bytes);
	}

	/** Those that a page has room for. */
	private static <R> List<R> cut(List<R> rows, ToLongFunction<R> bytes) {
		long sum = 0;
		int count = 0;
		while (count < rows.size() && sum < MOST_BYTES) {
			sum += bytes.applyAsLong(rows.get(count));
			count++;
		}
		return rows.subList(0, count);
	}

}
