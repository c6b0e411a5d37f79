package dev.agentsessions.exactness;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import dev.agentsessions.exactness.Receipt.Switch;
import org.jspecify.annotations.Nullable;

import static dev.agentsessions.exactness.TestedDatabase.query;

/**
 * A session as the database holds it, read past the store.
 *
 * @param counters what its row says
 * @param messages by their number
 * @param switches by their number
 * @param keys how many idempotency keys it keeps
 */
record StoredSession(String id, Counters counters, List<StoredMessage> messages, List<Switch> switches,
		@Nullable Context context, long keys) {

	static List<StoredSession> all(Connection connection) throws SQLException {
		List<StoredSession> sessions = new ArrayList<>();
		for (String schema : TestedDatabase.schemas(connection)) {
			connection.setSchema(schema);
			sessions.addAll(ofSchema(connection));
		}
		sessions.sort(Comparator.comparing(StoredSession::id));
		return sessions;
	}

	private static List<StoredSession> ofSchema(Connection connection) throws SQLException {
		List<StoredSession> sessions = new ArrayList<>();
		for (Counters counters : query(connection, "select * from sessions order by session_id",
				(row) -> new Counters(row.getLong("id"), row.getString("session_id"), row.getLong("first_seq"),
						row.getLong("last_seq"), row.getLong("total_tokens"), row.getLong("last_switch_no"),
						row.getString("last_message_at")))) {
			sessions.add(of(connection, counters));
		}
		return sessions;
	}

	private static StoredSession of(Connection connection, Counters counters) throws SQLException {
		String mine = " where session_db_id = " + counters.dbId;
		List<StoredMessage> messages = query(connection, "select * from messages" + mine + " order by seq",
				(row) -> new StoredMessage(row.getLong("seq"), row.getString("role"), row.getString("content"),
						row.getLong("token_count"), row.getString("timestamp")));
		List<Context> contexts = query(connection, "select * from agent_contexts" + mine,
				(row) -> new Context(row.getLong("id"), row.getString("current_agent"), row.getLong("switch_count")));
		Context context = contexts.isEmpty() ? null : contexts.get(0);
		List<Switch> switches = (context == null) ? List.of()
				: query(connection,
						"select * from agent_switches where context_db_id = " + context.dbId + " order by switch_no",
						(row) -> new Switch(row.getLong("switch_no"), row.getLong("at_seq"),
								row.getString("from_agent"), row.getString("to_agent")));
		long keys = query(connection, "select count(*) from append_keys" + mine, (row) -> row.getLong(1)).get(0);
		return new StoredSession(counters.sessionId, counters, messages, switches, context, keys);
	}

	/** What is counted along in the session's row. */
	record Counters(long dbId, String sessionId, long firstSeq, long lastSeq, long totalTokens, long lastSwitchNo,
			@Nullable String lastMessageAt) {
	}

	/** A row of messages. */
	record StoredMessage(long seq, String role, String content, long tokens, String timestamp) {
	}

	/** A row of agent_contexts. */
	record Context(long dbId, String currentAgent, long switchCount) {
	}

}
