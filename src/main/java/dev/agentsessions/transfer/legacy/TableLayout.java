package dev.agentsessions.transfer.legacy;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;

import dev.agentsessions.transfer.ContextRecord;
import dev.agentsessions.transfer.MessageRecord;
import dev.agentsessions.transfer.Rejects;
import dev.agentsessions.transfer.SessionRecord;
import dev.agentsessions.transfer.SessionSink;
import dev.agentsessions.transfer.SessionSource;
import dev.agentsessions.transfer.SwitchRecord;
import dev.agentsessions.transfer.legacy.value.OldTimes;
import org.jspecify.annotations.Nullable;

/**
 * The later layout of four tables. They are read side by side, all in the order of the
 * session's id, so that nothing is looked up and nothing is held. A switch comes after
 * the messages that are not younger than it.
 */
public final class TableLayout implements SessionSource {

	private static final String CONTEXTS = "select * from agent_contexts order by session_db_id, id";

	private static final String SWITCHES = """
			select w.*, c.session_db_id from agent_switches w join agent_contexts c on c.id = w.context_db_id
			order by c.session_db_id, w.context_db_id, w.id
			""";

	/** Of a table that is not there. */
	private static final String NONE = "select id as session_db_id from sessions where 1 = 0";

	private final OldDatabase database;

	private final Rejects rejects;

	private final OldSessions sessions;

	private final OldMessages messages;

	private final OldAgents agents;

	private final boolean hasContexts;

	private final boolean hasSwitches;

	private final long total;

	private long done;

	public TableLayout(OldDatabase database, String tenant, OldTimes times, Rejects rejects) throws SQLException {
		this.database = database;
		this.rejects = rejects;
		this.sessions = new OldSessions(tenant, times, rejects);
		this.messages = new OldMessages(times, rejects);
		this.agents = new OldAgents(times, rejects);
		this.hasContexts = !database.columns("agent_contexts").isEmpty();
		this.hasSwitches = !database.columns("agent_switches").isEmpty();
		this.total = Long
			.parseLong(database.value("select (select count(*) from sessions) + (select count(*) from messages)"));
	}

	@Override
	public void readAll(SessionSink sink) throws SQLException, IOException {
		try (OldRows sessions = rows("select * from sessions order by id", "id");
				// along idx_session_timestamp
				OldRows messages = rows("select * from messages order by session_db_id, timestamp, id",
						"session_db_id");
				OldRows contexts = rows(this.hasContexts ? CONTEXTS : NONE, "session_db_id");
				OldRows switches = rows((this.hasContexts && this.hasSwitches) ? SWITCHES : NONE, "session_db_id")) {
			for (; sessions.any(); sessions.next()) {
				long id = sessions.key();
				rejectBefore(id, messages, contexts, switches);
				SessionRecord session = this.sessions.read(sessions.row(), sessions.row()::original);
				if (session != null) {
					sink.begin(session);
					parts(id, session.key().sessionId(), messages, contexts, switches, sink);
					sink.end();
				}
				else {
					rejectParts(id, sessions.row().required("session_id"), "its session is rejected", messages,
							contexts, switches);
				}
				this.done++;
			}
			rejectBefore(Long.MAX_VALUE, messages, contexts, switches);
		}
		rejectSwitchesWithoutContext();
	}

	private void parts(long id, String session, OldRows messages, OldRows contexts, OldRows switches, SessionSink sink)
			throws SQLException, IOException {
		ContextRecord context = null;
		long contextId = 0;
		if (contexts.at(id)) {
			contextId = contexts.row().number("id");
			context = this.agents.context(session, contexts.row(), "updated_at", "metadata_json");
			contexts.next();
		}
		if (context != null) {
			sink.context(context);
		}
		SwitchRecord pending = nextSwitch(id, session, context, contextId, switches);
		for (; messages.at(id); messages.next()) {
			MessageRecord message = this.messages.read(session, messages.row());
			this.done++;
			if (message != null) {
				for (; pending != null && isBefore(pending, context, message.timestamp()); pending = nextSwitch(id,
						session, context, contextId, switches)) {
					sink.agentSwitch(pending);
				}
				sink.message(message);
			}
		}
		for (; pending != null; pending = nextSwitch(id, session, context, contextId, switches)) {
			sink.agentSwitch(pending);
		}
		reject(contexts, id, session, "/agent_contexts/", "its session has another one");
	}

	/** A switch without a time is as old as its context. */
	private static boolean isBefore(SwitchRecord agentSwitch, @Nullable ContextRecord context,
			@Nullable Instant message) {
		Instant time = (agentSwitch.switchedAt() == null && context != null) ? context.updatedAt()
				: agentSwitch.switchedAt();
		return time != null && message != null && time.isBefore(message);
	}

	/** The next switch that can be stored; null after the last. */
	private @Nullable SwitchRecord nextSwitch(long id, String session, @Nullable ContextRecord context, long contextId,
			OldRows switches) throws SQLException {
		SwitchRecord read = null;
		while (read == null && switches.at(id)) {
			if (context != null && switches.row().number("context_db_id") == contextId) {
				read = this.agents.agentSwitch(session, switches.row());
			}
			else {
				rejectRow(switches, session, "/agent_switches/", "its context is rejected");
			}
			switches.next();
		}
		return read;
	}

	/** SQLite does not hold itself to its foreign keys unless it is told to. */
	private void rejectBefore(long id, OldRows messages, OldRows contexts, OldRows switches) throws SQLException {
		for (OldRows each : new OldRows[] { messages, contexts, switches }) {
			String place = (each == messages) ? "/messages/"
					: (each == contexts) ? "/agent_contexts/" : "/agent_switches/";
			for (; each.before(id); each.next()) {
				rejectRow(each, "", place, "its session does not exist");
			}
		}
	}

	private void rejectParts(long id, String session, String reason, OldRows messages, OldRows contexts,
			OldRows switches) throws SQLException {
		reject(messages, id, session, "/messages/", reason);
		reject(contexts, id, session, "/agent_contexts/", reason);
		reject(switches, id, session, "/agent_switches/", reason);
	}

	private void reject(OldRows rows, long id, String session, String place, String reason) throws SQLException {
		for (; rows.at(id); rows.next()) {
			rejectRow(rows, session, place, reason);
		}
	}

	private void rejectRow(OldRows rows, String session, String place, String reason) throws SQLException {
		this.rejects.add(session, place + rows.row().text("id"), reason, rows.row().original());
	}

	private void rejectSwitchesWithoutContext() throws SQLException {
		if (!this.hasSwitches) {
			return;
		}
		String orphans = this.hasContexts
				? "where not exists (select 1 from agent_contexts c where c.id = w.context_db_id)" : "";
		try (OldRows switches = rows("select w.* from agent_switches w " + orphans + " order by w.id", "id")) {
			for (; switches.any(); switches.next()) {
				rejectRow(switches, "", "/agent_switches/", "its context does not exist");
			}
		}
	}

	private OldRows rows(String sql, String key) throws SQLException {
		return new OldRows(this.database, sql, key);
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
