package dev.agentsessions.write.batch;

import java.util.function.Function;

import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.message.NewMessage;

/**
 * What a message brings to its row.
 */
final class MessageColumns {

	private MessageColumns() {
	}

	/** Adds the columns to rows that have a message. */
	static <T> RowArrays<T> add(RowArrays<T> rows, Function<T, NewMessage> message) {
		return rows.text("role", (row) -> message.apply(row).role())
			.text("content", (row) -> message.apply(row).content())
			.text("name", (row) -> message.apply(row).name())
			.text("tool_call_id", (row) -> message.apply(row).toolCallId())
			.json("tool_calls", (row) -> message.apply(row).toolCalls())
			.number("token_count", (row) -> message.apply(row).tokenCount())
			.json("metadata", (row) -> message.apply(row).metadata());
	}

}
