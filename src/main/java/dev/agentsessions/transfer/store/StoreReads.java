package dev.agentsessions.transfer.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

import dev.agentsessions.database.Engine;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.transfer.ContextRecord;
import dev.agentsessions.transfer.SessionRecord;
import dev.agentsessions.transfer.SwitchRecord;
import dev.agentsessions.view.View;
import org.jspecify.annotations.Nullable;

/**
 * What is read of the store: single sessions, and pages by key. A page is so short that
 * its rows fit into a small heap even if each has a megabyte.
 */
public final class StoreReads {

	static final int PAGE = 50;

	private final Connection connection;

	private final Engine engine;

	public StoreReads(Connection connection, Engine engine) {
		this.connection = connection;
		this.engine = engine;
	}

	/** The session; null if there is none. */
	@Nullable StoredSession find(SessionKey key) throws SQLException {
		return first(
				query(sessions("tenant = ? and session_id = ?"), StoreReads::session, key.tenant(), key.sessionId()));
	}

	/** The session, which nobody else can change until the transaction ends. */
	@Nullable StoredSession lock(SessionKey key) throws SQLException {
		return first(query(sessions("tenant = ? and session_id = ? for update"), StoreReads::session, key.tenant(),
				key.sessionId()));
	}

	/**
	 * The next sessions, in the order in which the store got to know them; without those
	 * that were removed for good and still have rows.
	 */
	List<StoredSession> sessionsAfter(long id, int most) throws SQLException {
		return query(sessions("id > ? and " + SessionKey.REACHABLE + " order by id limit " + most), StoreReads::session,
				id);
	}

	@Nullable StoredContext context(long session) throws SQLException {
		return first(query("""
				select id, current_agent, created_at, updated_at, switch_count, %s as metadata_json
				from agent_contexts where session_db_id = ?
				""".formatted(this.engine.jsonText("metadata_json")),
				(row) -> new StoredContext(row.getLong("id"),
						new ContextRecord(row.getString("current_agent"), StoreColumns.time(row, "created_at"),
								StoreColumns.time(row, "updated_at"), row.getLong("switch_count"),
								StoreColumns.json(row, "metadata_json"))),
				session));
	}

	/** Along the unique index on (session, seq). */
	List<StoredMessage> messagesAfter(StoredSession session, long seq) throws SQLException {
		return query("""
				select seq, message_id, role, content, %s as parts_json, timestamp, name, tool_call_id,
				    %s as tool_calls, token_count, %s as metadata_json, %s as extra_json
				from messages where session_db_id = ? and seq > ? and seq <= ? order by session_db_id, seq limit %d
				""".formatted(this.engine.jsonText("parts_json"), this.engine.jsonText("tool_calls"),
				this.engine.jsonText("metadata_json"), this.engine.jsonText("extra_json"), PAGE),
				(row) -> new StoredMessage(row.getLong("seq"), StoreColumns.time(row, "timestamp"), message(row)),
				session.id(), seq, session.lastSeq());
	}

	/** Along the unique index on (context, number); each has its number. */
	List<SwitchRecord> switchesAfter(long context, long switchNo) throws SQLException {
		return query("""
				select switch_no, at_seq, from_agent, to_agent, switched_at, reason, %s as metadata_json
				from agent_switches where context_db_id = ? and switch_no > ? order by context_db_id, switch_no limit %d
				""".formatted(this.engine.jsonText("metadata_json"), PAGE),
				(row) -> new SwitchRecord(row.getLong("switch_no"), row.getLong("at_seq"), row.getString("from_agent"),
						row.getString("to_agent"), StoreColumns.time(row, "switched_at"), row.getString("reason"),
						StoreColumns.json(row, "metadata_json")),
				context, switchNo);
	}

	/** How many sessions and messages the store has. */
	long rows() throws SQLException {
		return query("select (select count(*) from sessions) + (select count(*) from messages) as n",
				(row) -> row.getLong("n"))
			.get(0);
	}

	private String sessions(String condition) {
		return """
				select id, tenant, session_id, created_at, last_activity, deleted_at, %s as metadata_json,
				    owner, title, %s as labels_json, expires_at, first_seq, last_seq, last_switch_no, total_tokens, last_message_at, last_view_no, %s as view_json,
				    %s as forked_from_json
				from sessions where %s
				"""
			.formatted(this.engine.jsonText("metadata_json"), this.engine.jsonText("labels_json"),
					this.engine.jsonText("view_json"), this.engine.jsonText("forked_from_json"), condition);
	}

	private static StoredSession session(ResultSet row) throws SQLException {
		SessionRecord record = new SessionRecord(new SessionKey(row.getString("tenant"), row.getString("session_id")),
				StoreColumns.time(row, "created_at"), StoreColumns.time(row, "last_activity"),
				StoreColumns.optionalTime(row, "deleted_at"),
				SessionDetails.of(StoreColumns.json(row, "metadata_json"), row.getString("owner"),
						row.getString("title"), StoreColumns.json(row, "labels_json"),
						StoreColumns.optionalTime(row, "expires_at")),
				row.getLong("first_seq"), row.getLong("last_switch_no"),
				View.of(row.getLong("last_view_no"), row.getLong("first_seq"), StoreColumns.json(row, "view_json")),
				StoreColumns.json(row, "forked_from_json"));
		return new StoredSession(row.getLong("id"), record, row.getLong("last_seq"), row.getLong("total_tokens"),
				StoreColumns.optionalTime(row, "last_message_at"), row.getLong("last_switch_no"));
	}

	private static NewMessage message(ResultSet row) throws SQLException {
		return new NewMessage(row.getString("message_id"), row.getString("role"), row.getString("content"),
				StoreColumns.json(row, "parts_json"), row.getString("name"), row.getString("tool_call_id"),
				StoreColumns.json(row, "tool_calls"), StoreColumns.optionalNumber(row, "token_count"),
				StoreColumns.json(row, "metadata_json"), StoreColumns.json(row, "extra_json"));
	}

	private <T> List<T> query(String sql, JdbcRowReader<T> reader, Object... values) throws SQLException {
		// prepared again and again; the drivers keep the plans of what is
		try (PreparedStatement statement = this.connection.prepareStatement(sql)) {
			StoreColumns.set(statement, values);
			List<T> read = new ArrayList<>();
			try (ResultSet rows = statement.executeQuery()) {
				while (rows.next()) {
					read.add(reader.read(rows));
				}
			}
			return read;
		}
	}

	private static <T> @Nullable T first(List<T> found) {
		return found.isEmpty() ? null : found.get(0);
	}

	private interface JdbcRowReader<T> {

		T read(ResultSet row) throws SQLException;

	}

}
