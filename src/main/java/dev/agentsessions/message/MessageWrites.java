package dev.agentsessions.message;

import java.util.List;
import java.util.stream.IntStream;

import dev.agentsessions.database.Binding;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.LaneConnection;
import dev.agentsessions.session.LockedSession;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.r2dbc.core.DatabaseClient.GenericExecuteSpec;

/**
 * Writes to a log within a transaction that holds the session's lock. For work that takes
 * more than an append: turns, whole histories, and everything on H2.
 */
public final class MessageWrites {

	/** How many messages go into one statement. */
	private static final int CHUNK = 1000;

	private static final String INSERT_MANY = """
			insert into messages (session_db_id, seq, role, content, timestamp, name, tool_call_id, tool_calls, token_count,
			    metadata_json)
			select cast(:session as bigint), cast(:base as bigint) + i, role, content, cast(:now as timestamptz), name,
			    tool_call_id, cast(tool_calls as jsonb), token_count, cast(metadata as jsonb)
			from unnest(cast(:roles as text[]), cast(:contents as text[]), cast(:names as text[]),
			    cast(:toolCallIds as text[]), cast(:toolCalls as text[]), cast(:tokenCounts as bigint[]),
			    cast(:metadata as text[]))
			    with ordinality m(role, content, name, tool_call_id, tool_calls, token_count, metadata, i)
			""";

	private static final String INSERT_ONE = """
			insert into messages (session_db_id, seq, role, content, timestamp, name, tool_call_id, tool_calls, token_count,
			    metadata_json)
			values (:session, :seq, :role, :content, :now, :name, :toolCallId, :toolCalls, :tokenCount, :metadata)
			""";

	private static final String ADVANCE = """
			update sessions set last_seq = :last, total_tokens = total_tokens + :tokens, last_message_at = :now,
			    last_activity = :now, is_active = true
			where id = :session
			""";

	private static final String CLEAR = "delete from messages where session_db_id = :session";

	private static final String RESTART = """
			update sessions set first_seq = :first, last_seq = :first - 1, total_tokens = 0, last_message_at = null
			where id = :session
			""";

	private MessageWrites() {
	}

	/**
	 * Appends after the session's last; does nothing for no messages.
	 * @return the session's last after it
	 */
	public static Mono<Long> append(LaneConnection connection, LockedSession session, List<NewMessage> messages) {
		return append(connection, session, session.lastSeq(), messages);
	}

	/**
	 * Replaces the whole log. The replacement takes one number itself, so that a follower
	 * can tell it from an append.
	 * @return the session's last after it
	 */
	static Mono<Long> replace(LaneConnection connection, LockedSession session, List<NewMessage> messages) {
		long first = session.lastSeq() + 2;
		return connection.client()
			.sql(CLEAR)
			.bind("session", session.id())
			.then()
			.then(connection.client().sql(RESTART).bind("first", first).bind("session", session.id()).then())
			.then(append(connection, session, first - 1, messages));
	}

	private static Mono<Long> append(LaneConnection connection, LockedSession session, long base,
			List<NewMessage> messages) {
		if (messages.isEmpty()) {
			return Mono.just(base);
		}
		return Flux.range(0, (messages.size() + CHUNK - 1) / CHUNK)
			.concatMap((chunk) -> insert(connection, session, base + (long) chunk * CHUNK,
					messages.subList(chunk * CHUNK, Math.min((chunk + 1) * CHUNK, messages.size()))))
			.then(advance(connection, session, base + messages.size(), messages))
			.thenReturn(base + messages.size());
	}

	private static Mono<Void> insert(LaneConnection connection, LockedSession session, long base,
			List<NewMessage> messages) {
		if (connection.engine() == Engine.H2) {
			return Flux.fromStream(IntStream.range(0, messages.size()).boxed())
				.concatMap((i) -> insertOne(connection, session, base + 1 + i, messages.get(i)))
				.then();
		}
		MessageColumns columns = MessageColumns.of(messages);
		return connection.client()
			.sql(INSERT_MANY)
			.bind("session", session.id())
			.bind("base", base)
			.bind("now", session.now())
			.bind("roles", columns.roles())
			.bind("contents", columns.contents())
			.bind("names", columns.names())
			.bind("toolCallIds", columns.toolCallIds())
			.bind("toolCalls", columns.toolCalls())
			.bind("tokenCounts", columns.tokenCounts())
			.bind("metadata", columns.metadata())
			.then();
	}

	private static Mono<Void> insertOne(LaneConnection connection, LockedSession session, long seq,
			NewMessage message) {
		GenericExecuteSpec insert = connection.client()
			.sql(INSERT_ONE)
			.bind("session", session.id())
			.bind("seq", seq)
			.bind("role", message.role())
			.bind("now", session.now());
		insert = Binding.bind(insert, "content", message.content(), String.class);
		insert = Binding.bind(insert, "name", message.name(), String.class);
		insert = Binding.bind(insert, "toolCallId", message.toolCallId(), String.class);
		insert = Binding.bind(insert, "toolCalls", message.toolCalls());
		insert = Binding.bind(insert, "tokenCount", message.tokenCount(), Long.class);
		return Binding.bind(insert, "metadata", message.metadata()).then();
	}

	private static Mono<Void> advance(LaneConnection connection, LockedSession session, long last,
			List<NewMessage> messages) {
		return connection.client()
			.sql(ADVANCE)
			.bind("last", last)
			.bind("tokens", messages.stream().mapToLong(NewMessage::tokens).sum())
			.bind("now", session.now())
			.bind("session", session.id())
			.then();
	}

}
