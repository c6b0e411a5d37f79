package dev.agentsessions.message;

import java.util.Collections;
import java.util.List;

import dev.agentsessions.database.DatabaseCalls;
import reactor.core.publisher.Flux;
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
	 * unique index on (session, seq), so that a page costs what it passes over.
	 * @param newest whether the last ones are meant instead of the first
	 */
	Mono<List<EncodedMessage>> find(LogRange range, MessageFilter filter, int limit, boolean newest) {
		GenericExecuteSpec select = this.client.sql(sql(filter, newest))
			.bind("session", range.sessionDbId())
			.bind("lo", range.from())
			.bind("hi", range.to())
			.bind("limit", limit);
		select = (filter.role() != null) ? select.bind("role", filter.role()) : select;
		select = (filter.from() != null) ? select.bind("from", filter.from()) : select;
		select = (filter.to() != null) ? select.bind("to", filter.to()) : select;
		Flux<EncodedMessage> rows = select.map((row) -> EncodedMessage.of(row, 0)).all();
		return this.database.findAll(rows).doOnNext((found) -> {
			if (newest) {
				Collections.reverse(found);
			}
		});
	}

	private static String sql(MessageFilter filter, boolean newest) {
		return "select " + RangeReads.COLUMNS
				+ " from messages where session_db_id = :session and seq between :lo and :hi"
				+ ((filter.role() != null) ? " and role = :role" : "")
				+ ((filter.from() != null) ? " and timestamp >= :from" : "")
				+ ((filter.to() != null) ? " and timestamp <= :to" : "") + " order by seq" + (newest ? " desc" : "")
				+ " limit :limit";
	}

}
