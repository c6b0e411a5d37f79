package dev.agentsessions.paging;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * Pages that were read from several buckets, as the one page that they would be in a
 * single one.
 */
public final class Merged {

	private Merged() {
	}

	/**
	 * The first of all, as far as all buckets were read.
	 * @param found the first of each bucket, in this order; not all that were asked for
	 * if they are too many bytes
	 * @param bytes of a row
	 */
	public static <T> List<T> first(List<List<T>> found, Comparator<? super T> order, long most,
			ToLongFunction<T> bytes) {
		if (found.size() == 1) {
			return found.get(0);
		}
		Optional<T> end = found.stream()
			.filter((rows) -> PagePieces.isCut(rows, bytes))
			.map((rows) -> rows.get(rows.size() - 1))
			.min(order);
		return found.stream()
			.flatMap(Collection::stream)
			.filter((row) -> end.isEmpty() || order.compare(row, end.get()) <= 0)
			.sorted(order)
			.limit(most)
			.toList();
	}

}
