package dev.agentsessions.message;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

import dev.agentsessions.database.Answer;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.LaneConnection;
import dev.agentsessions.database.LaneOperation;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Statement;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Ranges of logs, those of many callers in one statement; each a scan of the unique index
 * on (session, seq). What is found of a range is its beginning, or all of it.
 */
final class RangeReads implements LaneOperation<LogRange, List<EncodedMessage>> {

	/** What a message is taken for when a batch is weighed, in bytes. */
	private static final long MESSAGE_SIZE = 1000;

	/**
	 * A range is cut off after this many bytes of text: a thousand messages may be a
	 * gigabyte, and many callers share a batch.
	 */
	static final int MOST_BYTES = 256 * 1024;

	static final String COLUMNS = """
			seq, role, content, cast(timestamp as varchar) as timestamp, name, tool_call_id, cast(tool_calls as text) as tool_calls, token_count,
			cast(metadata_json as text) as metadata_json""";

	private static final String SELECT_MANY = "select t.n, m.* from unnest($1::bigint[], $2::bigint[], $3::bigint[])"
			+ " with ordinality t(session, lo, hi, n) cross join lateral ("
			+ atMostBytes("select " + COLUMNS
					+ " from messages where session_db_id = t.session and seq between t.lo and t.hi order by seq offset 0",
					"seq")
			+ ") m";

	private static final String SELECT_ONE = atMostBytes(
			"select " + COLUMNS + " from messages where session_db_id = :session and seq between :lo and :hi", "seq")
			+ " order by seq";

	/**
	 * The first rows of a query for {@link #COLUMNS}: one, and those before which there
	 * are less than {@link #MOST_BYTES}. The length of a text is known without reading
	 * it.
	 */
	static String atMostBytes(String query, String order) {
		return "select * from (select c.*, sum(coalesce(octet_length(content), 0) + coalesce(octet_length(tool_calls), 0)"
				+ " + coalesce(octet_length(metadata_json), 0)) over (order by " + order
				+ " rows between unbounded preceding and 1 preceding) as bytes_before from (" + query
				+ ") c) s where coalesce(bytes_before, 0) < " + MOST_BYTES;
	}

	@Override
	public boolean isRead() {
		return true;
	}

	@Override
	public Mono<List<Answer<List<EncodedMessage>>>> run(LaneConnection connection, List<LogRange> ranges) {
		return (connection.engine() == Engine.H2)
				? Flux.fromIterable(ranges).concatMap((range) -> one(connection, range)).map(Answer::of).collectList()
				: many(connection, ranges);
	}

	@Override
	public long size(LogRange range) {
		return range.count() * MESSAGE_SIZE;
	}

	private static Mono<List<Answer<List<EncodedMessage>>>> many(LaneConnection connection, List<LogRange> ranges) {
		Statement statement = connection.connection()
			.createStatement(SELECT_MANY)
			.bind(0, ranges.stream().map(LogRange::sessionDbId).toArray(Long[]::new))
			.bind(1, ranges.stream().map(LogRange::from).toArray(Long[]::new))
			.bind(2, ranges.stream().map(LogRange::to).toArray(Long[]::new));
		List<List<EncodedMessage>> found = new ArrayList<>(ranges.size());
		ranges.forEach((range) -> found.add(new ArrayList<>()));
		return Flux.from(statement.execute())
			.concatMap((result) -> result.map((row) -> found.get((int) number(row) - 1).add(EncodedMessage.of(row, 1))))
			.then(Mono.fromSupplier(() -> found.stream().map(RangeReads::inOrder).map(Answer::of).toList()));
	}

	/**
	 * The statement promises the order within each look-up only, not that of the join.
	 */
	private static List<EncodedMessage> inOrder(List<EncodedMessage> messages) {
		messages.sort(Comparator.comparingLong(EncodedMessage::seq));
		return messages;
	}

	private static Mono<List<EncodedMessage>> one(LaneConnection connection, LogRange range) {
		return connection.client()
			.sql(SELECT_ONE)
			.bind("session", range.sessionDbId())
			.bind("lo", range.from())
			.bind("hi", range.to())
			.map((row) -> EncodedMessage.of(row, 0))
			.all()
			.collectList();
	}

	private static long number(Readable row) {
		return Objects.requireNonNull(row.get(0, Long.class));
	}

}
