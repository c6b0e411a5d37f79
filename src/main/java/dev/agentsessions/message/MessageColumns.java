package dev.agentsessions.message;

import java.util.List;
import java.util.function.Function;

import io.r2dbc.spi.Statement;
import org.jspecify.annotations.Nullable;

/**
 * Messages turned by 90 degrees: one array a column, the form in which
 * <code>unnest</code> takes many rows as few parameters.
 */
record MessageColumns(String[] roles, @Nullable String[] contents, @Nullable String[] names,
		@Nullable String[] toolCallIds, @Nullable String[] toolCalls, @Nullable Long[] tokenCounts,
		@Nullable String[] metadata) {

	static MessageColumns of(List<NewMessage> messages) {
		return new MessageColumns(texts(messages, NewMessage::role), texts(messages, NewMessage::content),
				texts(messages, NewMessage::name), texts(messages, NewMessage::toolCallId),
				texts(messages, (message) -> NewMessage.json(message.toolCalls())),
				messages.stream().map(NewMessage::tokenCount).toArray(Long[]::new),
				texts(messages, (message) -> NewMessage.json(message.metadata())));
	}

	/** Binds them all, the first one at this index. */
	Statement bindTo(Statement statement, int first) {
		return statement.bind(first, this.roles)
			.bind(first + 1, this.contents)
			.bind(first + 2, this.names)
			.bind(first + 3, this.toolCallIds)
			.bind(first + 4, this.toolCalls)
			.bind(first + 5, this.tokenCounts)
			.bind(first + 6, this.metadata);
	}

	private static String[] texts(List<NewMessage> messages, Function<NewMessage, @Nullable String> column) {
		return messages.stream().map(column).toArray(String[]::new);
	}

}
