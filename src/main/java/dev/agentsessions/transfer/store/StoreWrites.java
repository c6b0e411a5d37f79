package dev.agentsessions.transfer.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import dev.agentsessions.database.Engine;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionTerms;
import dev.agentsessions.transfer.ContextRecord;
import dev.agentsessions.transfer.SessionRecord;
import dev.agentsessions.transfer.SwitchRecord;
import org.jspecify.annotations.Nullable;

/**
 * What is written to the store, in batches, within the connection's transaction.
 */
public final class StoreWrites {

	/** The most rows, and characters, that wait to be sent. */
	private static final int ROWS = 1000;

	private static final long CHARACTERS = 2 << 20;

	/** The generated column to be told. */
	private static final String[] ID = { "id" };

	private final Connection connection;

	private final PreparedStatement session;

	private final PreparedStatement terms;

	private final PreparedStatement context;

	private final PreparedStatement message;

	private final PreparedStatement agentSwitch;

	private final PreparedStatement contextUpdate;

	private final PreparedStatement finish;

	private final @Nullable PreparedStatement wanted;

	private int waiting;

	private long characters;

	private long uncommitted;

	public StoreWrites(Connection connection, Engine engine) throws SQLException {
		this.connection = connection;
		String json = engine.json("?");
		this.session = connection.prepareStatement(
				"""
						insert into sessions (tenant, session_id, created_at, last_activity, is_active, deleted_at, metadata_json,
						    owner, title, labels_json, expires_at, first_seq, last_seq, forked_from_json)
						values (?, ?, ?, ?, ?, ?, %1$s, ?, ?, %1$s, ?, ?, ?, %1$s) on conflict do nothing
						"""
					.formatted(json),
				ID);
		this.terms = connection.prepareStatement("""
				insert into session_terms (session_db_id, tenant, owner, folded_title, terms) values (?, ?, ?, ?, %s)
				""".formatted(engine.integers("?")));
		this.context = connection.prepareStatement(
				"""
						insert into agent_contexts (session_db_id, current_agent, created_at, updated_at, switch_count, metadata_json)
						values (?, ?, ?, ?, ?, %s)
						"""
					.formatted(json),
				ID);
		this.contextUpdate = connection.prepareStatement("""
				update agent_contexts set current_agent = ?, created_at = ?, updated_at = ?, switch_count = ?,
				    metadata_json = %s
				where id = ?
				""".formatted(json));
		this.message = connection.prepareStatement("""
				insert into messages (session_db_id, seq, message_id, role, content, parts_json, timestamp, name,
				    tool_call_id, tool_calls, token_count, metadata_json, extra_json)
				values (?, ?, ?, ?, ?, %1$s, ?, ?, ?, %1$s, ?, %1$s, %1$s)
				""".formatted(json));
		this.agentSwitch = connection.prepareStatement("""
				insert into agent_switches (context_db_id, switch_no, at_seq, from_agent, to_agent, switched_at, reason,
				    metadata_json)
				values (?, ?, ?, ?, ?, ?, ?, %s)
				""".formatted(json));
		this.finish = connection.prepareStatement("""
				update sessions set last_seq = ?, total_tokens = ?, last_message_at = ?, last_switch_no = ?,
				    last_activity = ?, is_active = ?, deleted_at = ?, last_view_no = ?, view_json = %s
				where id = ?
				""".formatted(json));
		this.wanted = (engine != Engine.POSTGRESQL) ? null : connection.prepareStatement("""
				insert into search_wanted (session_db_id) values (?)
				""");
	}

	/** Makes a session without messages; 0 if somebody else has just made it. */
	long session(SessionRecord session) throws SQLException {
		SessionDetails details = session.details();
		StoreColumns.set(this.session, session.key().tenant(), session.key().sessionId(), session.createdAt(),
				session.lastActivity(), session.isActive(), StoreColumns.time(session.deletedAt()), details.metadata(),
				details.owner(), details.title(), details.labelsJson(), StoreColumns.time(details.expiresAt()),
				session.firstSeq(), session.firstSeq() - 1, session.forkedFrom());
		long id = insert(this.session);
		if (id != 0 && details.hasTerms()) {
			String tenant = session.key().tenant();
			StoreColumns.set(this.terms, id, tenant, details.owner(), details.foldedTitle(),
					SessionTerms.of(tenant, details));
			this.terms.executeUpdate();
		}
		return id;
	}

	long context(long session, ContextRecord context) throws SQLException {
		StoreColumns.set(this.context, session, context.currentAgent(), context.createdAt(), context.updatedAt(),
				context.switchCount(), context.metadata());
		return insert(this.context);
	}

	void updateContext(long id, ContextRecord context) throws SQLException {
		StoreColumns.set(this.contextUpdate, context.currentAgent(), context.createdAt(), context.updatedAt(),
				context.switchCount(), context.metadata(), id);
		this.contextUpdate.executeUpdate();
	}

	void message(long session, long seq, Instant timestamp, NewMessage message) throws SQLException {
		StoreColumns.set(this.message, session, seq, message.id(), message.role(), message.content(), message.parts(),
				timestamp, message.name(), message.toolCallId(), message.toolCalls(),
				StoreColumns.number(message.tokenCount()), message.metadata(), message.extra());
		add(this.message, (int) message.size());
	}

	void agentSwitch(long context, long no, long atSeq, Instant time, SwitchRecord made) throws SQLException {
		String reason = made.reason();
		StoreColumns.set(this.agentSwitch, context, no, atSeq, made.fromAgent(), made.toAgent(), time, reason,
				made.metadata());
		add(this.agentSwitch, ((reason != null) ? reason.length() : 0)
				+ ((made.metadata() != null) ? made.metadata().json().length() : 0));
	}

	/** Sets what a session's row says of its log. */
	void finish(long id, SessionRecord session, long lastSeq, long tokens, @Nullable Instant lastMessageAt,
			long switchNo) throws SQLException {
		StoreColumns.set(this.finish, lastSeq, tokens, StoreColumns.time(lastMessageAt), switchNo,
				session.lastActivity(), session.isActive(), StoreColumns.time(session.deletedAt()), session.view().no(),
				session.view().isWhole() ? null : session.view().json(session.firstSeq()), id);
		add(this.finish, 0);
		if (this.wanted != null) {
			// a search would overlook it, for its activity may be of long ago
			StoreColumns.set(this.wanted, id);
			add(this.wanted, 0);
		}
	}

	/** Whether enough has been written to be worth a commit. */
	boolean isWorthACommit() {
		return this.uncommitted >= ROWS;
	}

	void commit() throws SQLException {
		flush();
		this.connection.commit();
		this.uncommitted = 0;
	}

	void rollback() throws SQLException {
		for (PreparedStatement each : batches()) {
			each.clearBatch();
		}
		this.waiting = 0;
		this.characters = 0;
		this.uncommitted = 0;
		this.connection.rollback();
	}

	private static long insert(PreparedStatement statement) throws SQLException {
		statement.executeUpdate();
		try (ResultSet keys = statement.getGeneratedKeys()) {
			return keys.next() ? keys.getLong(1) : 0;
		}
	}

	private void add(PreparedStatement statement, int characters) throws SQLException {
		statement.addBatch();
		this.waiting++;
		this.uncommitted++;
		this.characters += characters;
		if (this.waiting >= ROWS || this.characters >= CHARACTERS) {
			flush();
		}
	}

	private void flush() throws SQLException {
		for (PreparedStatement each : batches()) {
			each.executeBatch();
		}
		this.waiting = 0;
		this.characters = 0;
	}

	private List<PreparedStatement> batches() {
		List<PreparedStatement> batches = new ArrayList<>(List.of(this.message, this.agentSwitch, this.finish));
		if (this.wanted != null) {
			batches.add(this.wanted);
		}
		return batches;
	}

}
