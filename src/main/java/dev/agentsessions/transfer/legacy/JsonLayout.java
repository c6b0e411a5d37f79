package dev.agentsessions.transfer.legacy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

import dev.agentsessions.transfer.ContextRecord;
import dev.agentsessions.transfer.MessageRecord;
import dev.agentsessions.transfer.Rejects;
import dev.agentsessions.transfer.SessionRecord;
import dev.agentsessions.transfer.SessionSink;
import dev.agentsessions.transfer.SessionSource;
import dev.agentsessions.transfer.SwitchRecord;
import dev.agentsessions.transfer.legacy.value.ColumnBytes;
import dev.agentsessions.transfer.legacy.value.ListElements;
import dev.agentsessions.transfer.legacy.value.OldRow;
import dev.agentsessions.transfer.legacy.value.OldTimes;
import org.jspecify.annotations.Nullable;

/**
 * The older layout of two tables: a session's messages are a JSON list in its row, and an
 * agent context has its switches as one. The messages have no times of their own; their
 * list was written as a whole at the session's last activity.
 */
public final class JsonLayout implements SessionSource {

	private final OldDatabase database;

	private final Rejects rejects;

	private final OldSessions sessions;

	private final OldMessages messages;

	private final OldAgents agents;

	/**
	 * By which a row is found again: an id of SQLite may be text that no string is equal
	 * to.
	 */
	private final String key;

	private final boolean hasContexts;

	private final long total;

	private long done;

	public JsonLayout(OldDatabase database, String tenant, OldTimes times, Rejects rejects) throws SQLException {
		this.database = database;
		this.rejects = rejects;
		this.sessions = new OldSessions(tenant, times, rejects);
		this.messages = new OldMessages(times, rejects);
		this.agents = new OldAgents(times, rejects);
		this.key = database.isSqlite() ? "rowid" : "session_id";
		this.hasContexts = !database.columns("agent_contexts").isEmpty();
		this.total = Long.parseLong(database.value("select count(*) from sessions"));
	}

	@Override
	public void readAll(SessionSink sink) throws SQLException, IOException {
		String piece = this.database.isSqlite() ? "substr(cast(messages as blob), ?, ?)"
				: "substring(convert_to(cast(messages as text), 'UTF8') from cast(? as integer) for ?)";
		try (PreparedStatement rows = prepare(
				"select " + this.key + " as row_key, session_id, created_at, last_activity from sessions"
						+ " order by created_at, session_id");
				PreparedStatement pieces = prepare("select " + piece + " from sessions where " + this.key + " = ?");
				PreparedStatement context = this.hasContexts ? prepare("""
						select c.* from agent_contexts c join sessions s on s.session_id = c.session_id where s.%s = ?
						""".formatted(this.key))
						: prepare("select session_id from sessions where 1 = 0 and " + this.key + " = ?");
				ResultSet found = rows.executeQuery()) {
			OldRow row = new OldRow(found, this.database.isSqlite());
			while (found.next()) {
				Object key = this.database.isSqlite() ? (Object) row.number("row_key") : row.required("row_key");
				session(row, new ColumnBytes(pieces, key), context, key, sink);
				this.done++;
			}
		}
		if (this.hasContexts) {
			readContextsWithoutSession(sink);
		}
	}

	private void session(OldRow row, InputStream messages, PreparedStatement context, Object key, SessionSink sink)
			throws SQLException, IOException {
		SessionRecord session = this.sessions.read(row,
				() -> new String(messages.readNBytes(ListElements.MOST), StandardCharsets.UTF_8));
		context.setObject(1, key);
		try (ResultSet found = context.executeQuery()) {
			OldRow contextRow = new OldRow(found, this.database.isSqlite());
			if (session == null) {
				if (found.next()) {
					this.rejects.add(row.required("session_id"), "/agent_context", "its session is rejected",
							contextRow.original());
				}
				return;
			}
			sink.begin(session);
			String id = session.key().sessionId();
			ContextRecord record = found.next() ? context(id, contextRow) : null;
			if (record != null) {
				sink.context(record);
			}
			messages(id, messages, sink);
			if (record != null) {
				switches(id, contextRow, sink);
			}
			sink.end();
		}
	}

	private void messages(String id, InputStream list, SessionSink sink) throws SQLException, IOException {
		ListElements elements = new ListElements(list);
		for (String json = elements.next(); json != null; json = elements.next()) {
			MessageRecord message = this.messages.read(id, "/messages/" + elements.index(), json);
			if (message != null) {
				sink.message(message);
			}
		}
		rejectRest(id, "/messages", elements);
	}

	private void switches(String id, OldRow row, SessionSink sink) throws SQLException, IOException {
		String place = "/agent_context/agent_history";
		ListElements elements = new ListElements(
				new ByteArrayInputStream(row.required("agent_history").getBytes(StandardCharsets.UTF_8)));
		for (String json = elements.next(); json != null; json = elements.next()) {
			SwitchRecord read = this.agents.agentSwitch(id, place + "/" + elements.index(), json);
			if (read != null) {
				sink.agentSwitch(read);
			}
		}
		rejectRest(id, place, elements);
	}

	private void rejectRest(String id, String place, ListElements elements) {
		String fault = elements.fault();
		if (fault != null) {
			this.rejects.add(id, place, fault, elements.faulty());
		}
	}

	private void readContextsWithoutSession(SessionSink sink) throws SQLException, IOException {
		try (PreparedStatement statement = prepare("""
				select c.* from agent_contexts c
				where not exists (select 1 from sessions s where s.session_id = c.session_id)
				order by c.created_at, c.session_id
				"""); ResultSet found = statement.executeQuery()) {
			OldRow row = new OldRow(found, this.database.isSqlite());
			while (found.next()) {
				String id = row.required("session_id");
				ContextRecord context = context(id, row);
				SessionRecord session = (context != null) ? this.sessions.of(row, context, row::original) : null;
				if (context != null && session != null) {
					sink.begin(session);
					sink.context(context);
					switches(id, row, sink);
					sink.end();
				}
			}
		}
	}

	private @Nullable ContextRecord context(String id, OldRow row) throws SQLException {
		return this.agents.context(id, row, "last_switch_at", "context_metadata");
	}

	private PreparedStatement prepare(String sql) throws SQLException {
		PreparedStatement statement = this.database.connection().prepareStatement(sql);
		statement.setFetchSize(50);
		return statement;
	}

	@Override
	public double fraction() {
		return (this.total == 0) ? 1 : (double) this.done / this.total;
	}

	@Override
	public void close() throws SQLException {
		this.database.close();
	}

}
