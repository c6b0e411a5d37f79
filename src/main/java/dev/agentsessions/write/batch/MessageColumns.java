package dev.agentsessions.write.batch;

import java.util.List;
import java.util.function.Function;

import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.message.NewMessage;

/**
 * What a message brings to its row. Most bring nothing but text, so that half of the
 * columns need not be sent.
 */
enum MessageColumns {

	/** For messages without JSON or an id. */
	PLAIN("role, content, name, tool_call_id, token_count", "d.role, d.content, d.name, d.tool_call_id, d.token_count",
			""),

	/** For all messages. */
	ALL(PLAIN.names + ", message_id, parts_json, tool_calls, metadata_json, extra_json",
			PLAIN.values + ", d.message_id, d.parts::jsonb, d.tool_calls::jsonb, d.metadata::jsonb, d.extra::jsonb",
			" returning session_db_id, seq, parts_json, tool_calls, metadata_json, extra_json");

	/** What is read of the JSON of a message that was written. */
	static final String PRINTED = "%1$sparts_json::text, %1$stool_calls::text, %1$smetadata_json::text,"
			+ " %1$sextra_json::text";

	/** Which messages that were written have JSON. */
	static final String HAS_JSON = "coalesce(%1$sparts_json, %1$stool_calls, %1$smetadata_json, %1$sextra_json)"
			+ " is not null";

	/** The names of the columns. */
	final String names;

	/** Their values, from rows called <code>d</code>. */
	final String values;

	/** What makes the statement tell the JSON as it will be read. */
	final String returning;

	MessageColumns(String names, String values, String returning) {
		this.names = names;
		this.values = values;
		this.returning = returning;
	}

	/** The columns that these messages need. */
	static MessageColumns of(List<NewMessage> messages) {
		return messages.stream().anyMatch(NewMessage::isRich) ? ALL : PLAIN;
	}

	/** Adds the columns to rows that have a message. */
	<T> RowArrays<T> add(RowArrays<T> rows, Function<T, NewMessage> message) {
		rows.text("role", (row) -> message.apply(row).role())
			.text("content", (row) -> message.apply(row).content())
			.text("name", (row) -> message.apply(row).name())
			.text("tool_call_id", (row) -> message.apply(row).toolCallId())
			.number("token_count", (row) -> message.apply(row).tokenCount());
		return (this == PLAIN) ? rows
				: rows.text("message_id", (row) -> message.apply(row).id())
					.json("parts", (row) -> message.apply(row).parts())
					.json("tool_calls", (row) -> message.apply(row).toolCalls())
					.json("metadata", (row) -> message.apply(row).metadata())
					.json("extra", (row) -> message.apply(row).extra());
	}

}
