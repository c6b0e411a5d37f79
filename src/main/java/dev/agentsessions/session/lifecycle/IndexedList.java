package dev.agentsessions.session.lifecycle;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

import dev.agentsessions.database.lane.operation.BatchedSelect;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.paging.PagePieces;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.session.lifecycle.SessionLists.ListPlace;
import org.jspecify.annotations.Nullable;

/**
 * A list of a tenant's sessions that indexes of PostgreSQL give in its order. Each is
 * followed for {@link #MOST_WALKED} rows at most: what is wanted may be few among many,
 * and the next ones a million further on.
 *
 * @param look says which sessions are wanted, one row for each place
 * @param rows reads them
 * @param order in which they are
 */
record IndexedList(BatchedSelect<ListPlace, Look> look, BatchedSelect<ListPlace, ListedRow> rows,
		Comparator<ListedRow> order) {

	private static final long MOST_WALKED = 500;

	/** What a session is taken for when a batch is weighed, in bytes. */
	private static final long SESSION_SIZE = 300;

	/** The id of a row, and the transaction that wrote it. */
	private static final String VERSION = "concat(id, ',', xmin) as version";

	/**
	 * Makes the statements.
	 * @param walks conditions, by each of which an index of sessions is followed
	 * @param condition which of these sessions are wanted
	 * @param order in which both are
	 * @param keys columns that put pieces of pages into the same order
	 * @param pieces that order
	 */
	static IndexedList of(RowArrays<ListPlace> places, List<String> walks, String condition, String order, String keys,
			String pieces, Comparator<SessionRow> comparator) {
		String look = "select versions, found >= :most or (" + isEnd(walks, order)
				+ ") from (select string_agg(version, ';') as versions, count(*) as found from ("
				+ found(walks, "xmin, id, tenant, last_activity, deleted_at", condition, order).formatted(VERSION)
				+ ") v) l";
		String rows = PagePieces.atMostBytes(
				found(walks, "xmin, *", condition, order).formatted(VERSION + ", " + SessionRow.COLUMNS + ", " + keys),
				pieces);
		return new IndexedList(
				new BatchedSelect<>(places, look, (place, row) -> new Look(versions(row.optionalText()), row.flag())),
				new BatchedSelect<ListPlace, ListedRow>(places, rows,
						(place, row) -> new ListedRow(row.text(), SessionRow.of(row)))
					.heavy((place) -> place.most() * SESSION_SIZE),
				Comparator.comparing(ListedRow::row, comparator));
	}

	private static String found(List<String> walks, String columns, String condition, String order) {
		return walks.stream()
			.map((walk) -> "(select * from (" + walk(walk, columns, order) + ") walked where " + condition
					+ " order by " + order + " limit :most)")
			.collect(Collectors.joining(" union all ", "select %s from (",
					") found order by " + order + " limit :most"));
	}

	/**
	 * Whether none was followed as far as that may go; looked at only if that matters.
	 */
	private static String isEnd(List<String> walks, String order) {
		return walks.stream()
			.map((walk) -> "(select count(*) from (" + walk(walk, "id", order) + ") walked) < " + MOST_WALKED)
			.collect(Collectors.joining(" and "));
	}

	/** The statement that follows an index. */
	static String walk(String walk, String columns, String order) {
		return "select " + columns + " from sessions where " + walk + " order by " + order + " limit " + MOST_WALKED;
	}

	private static List<String> versions(@Nullable String text) {
		return (text != null) ? List.of(text.split(";")) : List.of();
	}

	/**
	 * Which sessions are wanted.
	 *
	 * @param isEnough whether they are as many as wanted, or all there are
	 */
	record Look(List<String> versions, boolean isEnough) {
	}

	/** A row with its version. */
	record ListedRow(String version, SessionRow row) {

		long bytes() {
			return this.row.bytes();
		}

	}

}
