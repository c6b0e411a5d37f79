package dev.agentsessions.message.log;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

import dev.agentsessions.database.Engine;
import dev.agentsessions.database.lane.operation.Answer;
import dev.agentsessions.database.lane.operation.LaneConnection;
import dev.agentsessions.database.lane.operation.LaneOperation;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.message.StoredLines;
import dev.agentsessions.paging.PagePieces;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import io.r2dbc.spi.Statement;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Ranges of logs, those of many callers in one statement; each a scan of the unique index
 * on (session, seq), and read once however many ask for it. What is found of a range is
 * its beginning, or all of it.
 */
final class RangeReads implements LaneOperation<LogRange, List<EncodedMessage>> {

	/** What a message is taken for when a batch is weighed, in bytes. */
	private static final long MESSAGE_SIZE = 1000;

	/**
	 * A range of which nothing is known counts as one of small messages up to this many.
	 */
	private static final int SHORT = 64;

	/**
	 * Small messages are those of which a range could be full and not have more bytes
	 * than this.
	 */
	private static final int MOST_SMALL = 512 * 1024;

	/** And single ones have no more than this. */
	private static final int LARGEST_SMALL = 64 * 1024;

	/** What any range is taken for at least, since it may be of large messages. */
	private static final long LEAST_SIZE = 128 * 1024;

	/**
	 * A range is cut off after this many bytes of text: a thousand messages may be a
	 * gigabyte, and many callers share a batch.
	 */
	static final int MOST_BYTES = 256 * 1024;

	/**
	 * A batch keeps no more than this, give or take a range; who is left over has to come
	 * again.
	 */
	private static final long MOST_TOGETHER = 8 * 1024 * 1024;

	/** What is left over gets this error. */
	static final ProblemException CROWDED_OUT = Problems.busy("Too much is read at once.");

	private static final RowArrays<LogRange> PLACES = new RowArrays<LogRange>("t")
		.number("session", LogRange::sessionDbId)
		.number("lo", LogRange::from)
		.number("hi", LogRange::to)
		.number("small", RangeReads::mostOfSmall);

	private static final String ROWS = "select * from messages where session_db_id = t.session and seq between t.lo and t.hi"
			+ " order by seq offset 0";

	private static final String BYTES = "coalesce(octet_length(content), 0) + coalesce(octet_length(tool_calls), 0)"
			+ " + coalesce(octet_length(metadata_json), 0) + coalesce(octet_length(parts_json), 0)"
			+ " + coalesce(octet_length(extra_json), 0)";

	private static final String SELECT_ONE = atMostBytes("select " + StoredLines.COLUMNS
			+ " from messages where session_db_id = :session and seq between :lo and :hi", "seq") + " order by seq";

	/** Ranges of small messages, as most are; one ends before the first that is not. */
	static final RangeReads OF_SMALL = new RangeReads(StoredLines.small(ROWS, "t.small"), 0);

	/** Any ranges. At least one message of each is found, if there is one. */
	static final RangeReads OF_ANY = new RangeReads(StoredLines.first(ROWS, MOST_BYTES), LEAST_SIZE);

	private final String selectMany;

	private final long leastSize;

	private RangeReads(String select, long leastSize) {
		this.selectMany = "select t.n, m.lines from %s cross join lateral (%s) m".formatted(PLACES.numbered(1, "n"),
				select);
		this.leastSize = leastSize;
	}

	/** Whether a range of which nothing is known is looked for among small messages. */
	static boolean isShort(LogRange range) {
		return range.count() <= SHORT;
	}

	/**
	 * The first rows of a query for {@link StoredLines#COLUMNS}: one, and those before
	 * which there are less than {@link #MOST_BYTES}. The length of a text is known
	 * without reading it.
	 */
	static String atMostBytes(String query, String order) {
		return PagePieces.firstRows(query, BYTES, order, MOST_BYTES);
	}

	@Override
	public boolean isRead() {
		return true;
	}

	@Override
	public boolean isHeavy() {
		return true;
	}

	@Override
	public Mono<List<Answer<List<EncodedMessage>>>> run(LaneConnection connection, List<LogRange> ranges) {
		RangesRead batch = new RangesRead();
		List<LogRange> distinct = List.copyOf(new LinkedHashSet<>(ranges));
		return ((connection.engine() == Engine.H2) ? eachOf(connection, distinct, batch)
				: allOf(connection, distinct, batch))
			.then(Mono.fromSupplier(() -> ranges.stream().map(batch::answer).toList()));
	}

	@Override
	public long size(LogRange range) {
		return Math.max(this.leastSize, range.count() * MESSAGE_SIZE);
	}

	private Mono<Void> allOf(LaneConnection connection, List<LogRange> ranges, RangesRead batch) {
		Statement statement = connection.connection().createStatement(this.selectMany);
		PLACES.bind(statement, 1, ranges);
		return connection.forEachRow(statement, (row) -> {
			if (!batch.isFull()) {
				LogRange range = ranges.get((int) row.number() - 1);
				String lines = row.optionalText();
				batch.add(range, (lines != null) ? StoredLines.read(lines) : List.of());
			}
		});
	}

	private static Mono<Void> eachOf(LaneConnection connection, List<LogRange> ranges, RangesRead batch) {
		return Flux.fromIterable(ranges)
			.filter((range) -> !batch.isFull())
			.concatMap((range) -> connection.client()
				.sql(SELECT_ONE)
				.bind("session", range.sessionDbId())
				.bind("lo", range.from())
				.bind("hi", range.to())
				.map(EncodedMessage::of)
				.all()
				.collectList()
				.doOnNext((messages) -> batch.add(range, messages)), 1)
			.then();
	}

	private static long mostOfSmall(LogRange range) {
		return Math.min(MOST_SMALL / range.count(), LARGEST_SMALL);
	}

	/** What is found of several ranges. */
	private static final class RangesRead {

		private final Map<LogRange, List<EncodedMessage>> found = new HashMap<>();

		private long bytes;

		boolean isFull() {
			return this.bytes >= MOST_TOGETHER;
		}

		void add(LogRange range, List<EncodedMessage> messages) {
			this.bytes += EncodedMessage.bytes(messages);
			this.found.put(range, messages);
		}

		Answer<List<EncodedMessage>> answer(LogRange range) {
			List<EncodedMessage> messages = this.found.get(range);
			return (messages != null) ? Answer.of(messages) : Answer.failed(CROWDED_OUT);
		}

	}

}
