package dev.agentsessions.session.lifecycle;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.agentsessions.database.lane.operation.BatchedSelect;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.paging.PagePieces;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.session.lifecycle.SessionLists.ListPlace;
import org.jspecify.annotations.Nullable;

/**
 * A list of a tenant's sessions that indexes of PostgreSQL give. Each is followed for
 * {@link #MOST_WALKED} rows at most: what is wanted may be few among many, and the next
 * ones a million further on.
 *
 * @param look says which sessions are wanted, one row for each place
 * @param rows reads them
 * @param order in which they are
 */
record IndexedList(BatchedSelect<ListPlace, Look> look, BatchedSelect<ListPlace, ListedRow> rows,
		Comparator<ListedRow> order) {

	private static final long MOST_WALKED = 500;

	/**
	 * As far rows are looked for: some may have come before them since their versions
	 * were read.
	 */
	private static final long MOST_READ = 2 * MOST_WALKED;

	/**
	 * What a look is taken for when a batch is weighed, in bytes: it may follow indexes
	 * for a thousand rows and more.
	 */
	private static final long LOOK_SIZE = 32 << 10;

	/** The id of a row, and the transaction that wrote it. */
	private static final String VERSION = "concat(id, ',', xmin)";

	/**
	 * Makes the statements where indexes have the order of the list.
	 * @param walks conditions, by each of which an index of sessions is followed
	 * @param condition which of these sessions are wanted
	 * @param order in which both are
	 * @param keys columns that put pieces of pages into the same order
	 * @param pieces that order
	 */
	static IndexedList of(RowArrays<ListPlace> places, List<String> walks, String condition, String order, String keys,
			String pieces, Comparator<SessionRow> comparator) {
		// one walk has its order and its limit
		String versions = (walks.size() == 1) ? "string_agg(" + VERSION + ", ';')" : "array_to_string((array_agg("
				+ VERSION + " order by " + order + "))[1 : cast(:most as integer)], ';')";
		String look = "select " + versions + ", " + isEnough(walks, order) + " from ("
				+ found(walks, "xmin, id, tenant, last_activity, deleted_at", condition, order, MOST_WALKED)
				+ ") found";
		String rows = PagePieces.atMostBytes("select " + VERSION + " as version, " + SessionRow.COLUMNS + ", " + keys
				+ " from (" + found(walks, "xmin, *", condition, order, MOST_READ) + ") found order by " + order
				+ " limit :most", pieces);
		return new IndexedList(look(places, look).weighing((place) -> LOOK_SIZE), rows(places, rows),
				Comparator.comparing(ListedRow::row, comparator));
	}

	/**
	 * Makes the statements where all that may be wanted is found at once, and sorted. How
	 * long the index takes to find them depends on how many they are.
	 * @param ids a select of ids of sessions
	 * @param condition which of these sessions are wanted
	 * @param order in which they are
	 * @param keys columns that put pieces of pages into the same order
	 * @param pieces that order
	 */
	static IndexedList ofFew(RowArrays<ListPlace> places, String ids, String condition, String order, String keys,
			String pieces, Comparator<SessionRow> comparator) {
		String look = "select array_to_string((array_agg(" + VERSION + " order by " + order + ") filter (where "
				+ condition + "))[1 : cast(:most as integer)], ';'), count(*) < " + MOST_WALKED + " from ("
				+ few(ids, MOST_WALKED) + ") found";
		String rows = PagePieces.atMostBytes(
				"select " + VERSION + " as version, " + SessionRow.COLUMNS + ", " + keys + " from ("
						+ few(ids, MOST_READ) + ") sessions where " + condition + " order by " + order + " limit :most",
				pieces);
		return new IndexedList(look(places, look).heavy((place) -> LOOK_SIZE), rows(places, rows),
				Comparator.comparing(ListedRow::row, comparator));
	}

	/** The lateral is a scan of the primary key; a join might hash the table. */
	static String few(String ids, long most) {
		return "select row.* from (" + ids + " limit " + most
				+ ") few(few_id) cross join lateral (select xmin, * from sessions where id = few_id offset 0) row";
	}

	private static BatchedSelect<ListPlace, Look> look(RowArrays<ListPlace> places, String select) {
		return new BatchedSelect<>(places, select, (place, row) -> new Look(versions(row.optionalText()), row.flag()));
	}

	private static BatchedSelect<ListPlace, ListedRow> rows(RowArrays<ListPlace> places, String select) {
		return new BatchedSelect<ListPlace, ListedRow>(places, select,
				(place, row) -> new ListedRow(row.text(), SessionRow.of(row)))
			.heavy((place) -> PagePieces.WEIGHT);
	}

	/** The first of each walk. */
	private static String found(List<String> walks, String columns, String condition, String order, long most) {
		return IntStream.range(0, walks.size())
			.mapToObj((walk) -> "(select " + walk + " as walk, walked.* from ("
					+ walk(walks.get(walk), columns, order, most) + ") walked where " + condition + " order by " + order
					+ " limit :most)")
			.collect(Collectors.joining(" union all "));
	}

	/**
	 * Whether each walk has found as many as wanted, or was not followed as far as that
	 * may go; the latter is looked at only if that matters.
	 */
	private static String isEnough(List<String> walks, String order) {
		return IntStream.range(0, walks.size())
			.mapToObj((walk) -> "(count(*) filter (where walk = " + walk + ") >= :most or (select count(*) from ("
					+ walk(walks.get(walk), "id", order, MOST_WALKED) + ") walked) < " + MOST_WALKED + ")")
			.collect(Collectors.joining(" and "));
	}

	/** The statement that follows an index. */
	static String walk(String walk, String columns, String order, long most) {
		return "select " + columns + " from sessions where " + walk + " order by " + order + " limit " + most;
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
