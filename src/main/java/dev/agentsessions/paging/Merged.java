package dev.agentsessions.paging;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Pages that were read from several buckets, as the one page that they would be in a
 * single one.
 */
public final class Merged {

	private Merged() {
	}

	/**
	 * The first of all.
	 * @param found the first of each bucket, in this order
	 */
	public static <T> List<T> first(List<List<T>> found, Comparator<? super T> order, long most) {
		return (found.size() == 1) ? found.get(0)
				: found.stream().flatMap(Collection::stream).sorted(order).limit(most).toList();
	}

}
