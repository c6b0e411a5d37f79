package dev.agentsessions.paging;

import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;

import org.jspecify.annotations.Nullable;

/**
 * A list answer: <code>{"data":[…],"has_more":…,"next":…}</code>.
 *
 * @param data the rows, in the list's order
 * @param hasMore whether rows follow
 * @param next path and query of what follows, null at the end
 */
public record Page<T>(List<T> data, boolean hasMore, @Nullable String next) {

	/**
	 * Makes a page of rows that {@link PagePieces} read with a limit of one more than
	 * asked for. If these are too many bytes, the last of them begins the next page, for
	 * nothing may follow it; only what one row of so many bytes is followed by is not
	 * known.
	 * @param limit how many were asked for
	 * @param bytes of a row
	 * @param next from the last row of this page to the path and query of the next one
	 */
	public static <T> Page<T> of(List<T> rows, int limit, ToLongFunction<T> bytes, Function<T, String> next) {
		if (rows.size() <= limit && !PagePieces.isCut(rows, bytes)) {
			return new Page<>(List.copyOf(rows), false, null);
		}
		List<T> data = List.copyOf(rows.subList(0, Math.max(1, Math.min(limit, rows.size() - 1))));
		return new Page<>(data, true, next.apply(data.get(data.size() - 1)));
	}

	public <R> Page<R> map(Function<T, R> each) {
		return new Page<>(this.data.stream().map(each).toList(), this.hasMore, this.next);
	}

	/** The value of a <code>Link</code> header that leads to the next page (RFC 8288). */
	public static String link(String next) {
		return "<" + next + ">; rel=\"next\"";
	}

}
