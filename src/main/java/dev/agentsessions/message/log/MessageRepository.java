package dev.agentsessions.message.log;

import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

import dev.agentsessions.database.DatabaseCalls;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.message.StoredLines;
import dev.agentsessions.paging.PagePieces;
import io.r2dbc.spi.Readable;
import reactor.core.publisher.Mono;

import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.r2dbc.core.DatabaseClient.GenericExecuteSpec;
import org.springframework.stereotype.Repository;

/**
 * The SQL of filtered reads; unfiltered ones go through a lane.
 */
@Repository
class MessageRepository {

	private final DatabaseClient client;

	private final DatabaseCalls database;

	MessageRepository(DatabaseClient client, DatabaseCalls database) {
		this.client = client;
		this.database = database;
	}

	/**
	 * The first messages of a range that pass the filter, in ascending order; by the
	 * unique index on (session, seq), so that a page costs what it passes over. Fewer
	 * than there are if they are too large. A statement measures all that it finds, so
	 * they are read in {@link PagePieces}.
	 * @param newest whether the last ones are meant instead of the first
	 */
	Mono<List<EncodedMessage>> find(LogRange range, MessageFilter filter, int limit, boolean newest) {
		String order = newest ? "seq desc" : "seq";
		// what is not among the first is not to be read for being sorted
		String rows = "select " + StoredLines.COLUMNS + " from (" + sql("*", filter, order) + ") m";
		String sql = RangeReads.atMostBytes(rows, order) + " order by " + order;
		return PagePieces
			.read(range, limit, (rest, most) -> find(sql, rest, filter, most, EncodedMessage::of),
					(last) -> newest ? range.to(last.seq() - 1) : range.from(last.seq() + 1), EncodedMessage::size)
			.doOnNext((found) -> reverseIf(newest, found));
	}

	/** Only their numbers, of all. */
	Mono<List<Long>> findSeqs(LogRange range, MessageFilter filter, int limit, boolean newest) {
		return find(sql("seq", filter, newest ? "seq desc" : "seq"), range, filter, limit,
				(row) -> Objects.requireNonNull(row.get(0, Long.class)))
			.doOnNext((found) -> reverseIf(newest, found));
	}

	/**
	 * The numbers of those that have one of these ids, in ascending order. An outer join,
	 * for H2 to begin with the ids, each of which is found in the index; it would look
	 * through the whole log for them.
	 */
	Mono<List<Long>> findIds(LogRange range, List<String> ids) {
		return this.database.findAll(bucket(range),
				this.client.sql("""
						select seq from unnest(cast(:ids as varchar array)) q(id)
						left join messages on session_db_id = :session and message_id = q.id
						where seq between :lo and :hi order by seq
						""")
					.bind("session", range.sessionDbId())
					.bind("lo", range.from())
					.bind("hi", range.to())
					.bind("ids", ids.toArray(String[]::new))
					.map((row) -> Objects.requireNonNull(row.get(0, Long.class)))
					.all());
	}

	private <T> Mono<List<T>> find(String sql, LogRange range, MessageFilter filter, long limit,
			Function<Readable, T> mapper) {
		GenericExecuteSpec select = this.client.sql(sql)
			.bind("session", range.sessionDbId())
			.bind("lo", range.from())
			.bind("hi", range.to())
			.bind("limit", limit);
		select = (filter.role() != null) ? select.bind("role", filter.role()) : select;
		select = (filter.from() != null) ? select.bind("from", filter.from()) : select;
		select = (filter.to() != null) ? select.bind("to", filter.to()) : select;
		return this.database.findAll(bucket(range), select.map(mapper).all());
	}

	private static void reverseIf(boolean newest, List<?> found) {
		if (newest) {
			Collections.reverse(found);
		}
	}

	private int bucket(LogRange range) {
		return this.database.buckets().ofRow(range.sessionDbId());
	}

	private static String sql(String columns, MessageFilter filter, String order) {
		return "select " + columns + " from messages where session_db_id = :session and seq between :lo and :hi"
				+ ((filter.role() != null) ? " and role = :role" : "")
				+ ((filter.from() != null) ? " and timestamp >= :from" : "")
				+ ((filter.to() != null) ? " and timestamp <= :to" : "") + " order by " + order + " limit :limit";
	}

}
