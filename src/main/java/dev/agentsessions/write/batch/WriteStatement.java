package dev.agentsessions.write.batch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

import dev.agentsessions.database.lane.operation.LaneConnection;
import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.database.rows.RowReader;
import dev.agentsessions.session.SessionTerms;
import dev.agentsessions.write.batch.Rows.Changed;
import dev.agentsessions.write.batch.Rows.ContextRow;
import dev.agentsessions.write.batch.Rows.KeyRow;
import dev.agentsessions.write.batch.Rows.MessageRow;
import dev.agentsessions.write.batch.Rows.SwitchRow;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcRollbackException;
import io.r2dbc.spi.Statement;
import reactor.core.publisher.Mono;

/**
 * Writes what was decided to PostgreSQL: sets of rows, in one statement with a part for
 * each table that has any. COMMIT is sent behind it before it has been answered. So it
 * writes only within the transaction that holds the locks, and says that it did: should
 * the driver send it again, it would else be carried out behind that COMMIT, without.
 */
final class WriteStatement {

	/** More messages than this go into further statements, each in bounded time. */
	private static final int MOST_MESSAGES = 2000;

	/** What every session may have changed. */
	private static RowArrays<Changed> sessionColumns() {
		return new RowArrays<Changed>("d").number("id", (session) -> session.after().id())
			.time("last_activity", (session) -> session.after().lastActivity())
			.time("deleted_at", (session) -> session.after().deletedAt())
			.number("first_seq", (session) -> session.after().firstSeq())
			.number("last_seq", (session) -> session.after().lastSeq())
			.number("last_switch_no", (session) -> session.after().lastSwitchNo())
			.number("total_tokens", (session) -> session.after().totalTokens())
			.time("last_message_at", (session) -> session.after().lastMessageAt());
	}

	private static RowArrays<Changed> namedColumns() {
		return sessionColumns().text("tenant", (session) -> session.after().storedTenant())
			.text("sid", (session) -> session.after().storedId());
	}

	/** What few writes change, or make. */
	private static RowArrays<Changed> detailColumns() {
		return namedColumns().json("metadata", (session) -> session.after().details().metadata())
			.text("owner", (session) -> session.after().details().owner())
			.text("title", (session) -> session.after().details().title())
			.json("labels", (session) -> session.after().details().labelsJson())
			.time("expires_at", (session) -> session.after().details().expiresAt())
			.number("view_no", (session) -> session.after().view().no())
			.json("view", Changed::newView);
	}

	private static final TablePart<Changed> PLAIN_NEW_SESSIONS = newSessions("", "", namedColumns());

	private static final TablePart<Changed> NEW_SESSIONS = newSessions(
			", metadata_json, owner, title, labels_json, expires_at, last_view_no, view_json",
			", d.metadata::jsonb, d.owner, d.title, d.labels::jsonb, d.expires_at, d.view_no, d.view::jsonb",
			detailColumns());

	/** In the order in which batches lock, so that creators never wait in a circle. */
	private static TablePart<Changed> newSessions(String details, String values, RowArrays<Changed> columns) {
		return new TablePart<>("new_session", """
				insert into sessions (id, tenant, session_id, created_at, last_activity, is_active, deleted_at,
				    first_seq, last_seq, last_switch_no, total_tokens, last_message_at""" + details + """
				)
				select d.id, d.tenant, d.sid, d.created_at, d.last_activity, d.deleted_at is null, d.deleted_at,
				    d.first_seq, d.last_seq, d.last_switch_no, d.total_tokens, d.last_message_at""" + values + """

				from %s order by d.tenant collate "C", d.sid collate "C\"""",
				columns.time("created_at", (session) -> session.after().createdAt()));
	}

	private static final String CHANGE_SESSIONS = """
			update sessions s set last_activity = d.last_activity, is_active = d.deleted_at is null,
			    deleted_at = d.deleted_at, first_seq = d.first_seq, last_seq = d.last_seq,
			    last_switch_no = d.last_switch_no, total_tokens = d.total_tokens, last_message_at = d.last_message_at""";

	private static final TablePart<Changed> SESSIONS = new TablePart<>("session",
			CHANGE_SESSIONS + " from %s where s.id = d.id", sessionColumns());

	private static final TablePart<Changed> SESSION_DETAILS = new TablePart<>("session_details", CHANGE_SESSIONS + """
			, tenant = d.tenant, session_id = d.sid, last_view_no = d.view_no,
			    view_json = coalesce(d.view::jsonb, s.view_json),
			    metadata_json = case when d.detailed then d.metadata::jsonb else s.metadata_json end,
			    owner = case when d.detailed then d.owner else s.owner end,
			    title = case when d.detailed then d.title else s.title end,
			    labels_json = case when d.detailed then d.labels::jsonb else s.labels_json end,
			    expires_at = case when d.detailed then d.expires_at else s.expires_at end
			from %s where s.id = d.id""", detailColumns().flag("detailed", Changed::hasNewDetails));

	private static final TablePart<Changed> TERMS = new TablePart<>("term", """
			insert into session_terms (session_db_id, tenant, owner, folded_title, terms)
			select d.id, d.tenant, d.owner, d.title, d.terms::integer[] from %s
			on conflict (session_db_id) do update set owner = excluded.owner,
			    folded_title = excluded.folded_title, terms = excluded.terms""",
			new RowArrays<Changed>("d").number("id", (session) -> session.after().id())
				.text("tenant", (session) -> session.after().key().tenant())
				.text("owner", (session) -> session.after().details().owner())
				.text("title", (session) -> session.after().details().foldedTitle())
				.text("terms",
						(session) -> SessionTerms.of(session.after().key().tenant(), session.after().details())));

	private static final TablePart<Changed> SEARCH_WANTED = new TablePart<>("wanted",
			"insert into search_wanted (session_db_id) select d.id from %s",
			new RowArrays<Changed>("d").number("id", (session) -> session.after().id()));

	private static final TablePart<Changed> OLD_MESSAGES = new TablePart<>("old_message",
			"delete from messages m using %s where m.session_db_id = d.id and m.seq < d.first_seq", newLogs());

	/**
	 * Those that have become messages which go: without these they would seem to be open.
	 */
	private static final TablePart<Changed> OLD_DRAFTS = new TablePart<>("old_draft", """
			delete from drafts f using %s where f.session_db_id = d.id and exists (
			    select 1 from messages m where m.session_db_id = d.id and m.message_id = f.message_id
			        and m.seq < d.first_seq offset 0)""", newLogs());

	private static RowArrays<Changed> newLogs() {
		return new RowArrays<Changed>("d").number("id", (session) -> session.after().id())
			.number("first_seq", (session) -> session.after().firstSeq());
	}

	private static final TablePart<MessageRow> PLAIN_MESSAGES = messages(MessageColumns.PLAIN, "");

	private static final TablePart<MessageRow> MESSAGES = messages(MessageColumns.ALL,
			"select 'message', session_db_id, seq, " + MessageColumns.PRINTED.formatted("") + " from message where "
					+ MessageColumns.HAS_JSON.formatted(""));

	private static TablePart<MessageRow> messages(MessageColumns columns, String result) {
		return new TablePart<>("message",
				"insert into messages (session_db_id, seq, timestamp, " + columns.names
						+ ") select d.session, d.seq, d.at, " + columns.values + " from %s" + columns.returning,
				columns.add(new RowArrays<MessageRow>("d").number("session", MessageRow::sessionDbId)
					.number("seq", MessageRow::seq)
					.time("at", MessageRow::at), MessageRow::message),
				result);
	}

	private static RowArrays<ContextRow> contextColumns() {
		return new RowArrays<ContextRow>("d").number("id", (row) -> row.context().id())
			.text("agent", (row) -> row.context().currentAgent())
			.time("created_at", (row) -> row.context().createdAt())
			.time("updated_at", (row) -> row.context().updatedAt())
			.number("switches", (row) -> row.context().switchCount())
			.json("metadata", ContextRow::newMetadata);
	}

	private static final TablePart<ContextRow> NEW_CONTEXTS = new TablePart<>("new_context", """
			insert into agent_contexts (id, session_db_id, current_agent, created_at, updated_at, switch_count,
			    metadata_json)
			select d.id, d.session, d.agent, d.created_at, d.updated_at, d.switches, d.metadata::jsonb
			from %s""", contextColumns().number("session", ContextRow::sessionDbId));

	private static final TablePart<ContextRow> CONTEXTS = new TablePart<>("context", """
			update agent_contexts c set current_agent = d.agent, created_at = d.created_at, updated_at = d.updated_at,
			    switch_count = d.switches, metadata_json = coalesce(d.metadata::jsonb, c.metadata_json)
			from %s where c.id = d.id""", contextColumns());

	private static final TablePart<Changed> OLD_CONTEXTS = new TablePart<>("old_context",
			"delete from agent_contexts c using %s where c.session_db_id = d.session",
			new RowArrays<Changed>("d").number("session", (session) -> session.after().id()));

	private static final TablePart<Changed> OLD_SWITCHES = new TablePart<>("old_switch",
			"delete from agent_switches w using %s where w.context_db_id = d.context and w.switch_no < d.no",
			new RowArrays<Changed>("d").number("context", (session) -> session.after().contextId())
				.number("no", Changed::firstSwitchNo));

	private static final TablePart<SwitchRow> SWITCHES = new TablePart<>("switch", """
			insert into agent_switches (context_db_id, switch_no, at_seq, from_agent, to_agent, switched_at, reason,
			    metadata_json)
			select d.context, d.no, d.at_seq, d.from_agent, d.to_agent, d.at, d.reason, d.metadata::jsonb
			from %s returning context_db_id, switch_no, metadata_json""",
			new RowArrays<SwitchRow>("d").number("context", SwitchRow::contextId)
				.number("no", (row) -> row.made().switchNo())
				.number("at_seq", (row) -> row.made().atSeq())
				.text("from_agent", (row) -> row.made().fromAgent())
				.text("to_agent", (row) -> row.made().toAgent())
				.time("at", (row) -> row.made().switchedAt())
				.text("reason", (row) -> row.made().reason())
				.json("metadata", SwitchRow::metadata),
			"""
					select 'switch', context_db_id, switch_no, metadata_json::text, null, null, null from switch
					where metadata_json is not null""");

	private static final TablePart<KeyRow> KEYS = new TablePart<>("key", """
			insert into append_keys (session_db_id, idempotency_key, fingerprint, first_seq, last_seq, switch_json,
			    created_at, view_json)
			select d.session, d.key, d.fingerprint, d.first_seq, d.last_seq, d.switch::jsonb, d.at, d.view::jsonb
			from %s""",
			new RowArrays<KeyRow>("d").number("session", KeyRow::sessionDbId)
				.text("key", KeyRow::key)
				.text("fingerprint", (row) -> row.answer().fingerprint())
				.number("first_seq", (row) -> row.answer().firstSeq())
				.number("last_seq", (row) -> row.answer().lastSeq())
				.json("switch", (row) -> row.answer().agentSwitch())
				.time("at", (row) -> row.answer().createdAt())
				.json("view", (row) -> row.answer().view()));

	/** The first parameter is the transaction. */
	private static final String IS_IN_TRANSACTION = "pg_current_xact_id_if_assigned() = any ($1::text::xid8[])";

	private static final String DONE = "select 'done', 0, 0, null, null, null, null where " + IS_IN_TRANSACTION;

	private static final R2dbcException NOT_DONE = new R2dbcRollbackException(
			"the statement was refused, and sent again when its transaction had ended", "25P02");

	/** The text for each set of parts that there was. */
	private static final Map<List<TablePart<?>>, String> TEXTS = new ConcurrentHashMap<>();

	/**
	 * The server keeps a plan for each text on each connection. What would be one more
	 * than this is written with the text that has all parts.
	 */
	private static final int MOST_TEXTS = 64;

	private final List<TablePart<?>> parts = new ArrayList<>();

	private final List<List<?>> rows = new ArrayList<>();

	private final PrintedJson printed;

	/** Whether it has all parts, also those without rows. */
	private final boolean whole;

	private boolean done;

	private WriteStatement(PrintedJson printed, boolean whole) {
		this.printed = printed;
		this.whole = whole;
	}

	/**
	 * The statements that write these rows, to be carried out one after the other.
	 * @param transaction the numbers that PostgreSQL has for it, as an array
	 * @param printed takes the JSON of what is written
	 */
	static List<Mono<Void>> of(LaneConnection connection, String transaction, Rows rows, PrintedJson printed) {
		List<MessageRow> messages = rows.messages();
		int first = Math.min(messages.size(), MOST_MESSAGES);
		List<Mono<Void>> statements = new ArrayList<>();
		List<Changed> replaced = where(rows.sessions(), Changed::hasNewLog);
		if (!replaced.isEmpty()) {
			// before the ids of what is removed may come again
			WriteStatement removal = new WriteStatement(printed, false);
			removal.add(OLD_MESSAGES, replaced);
			removal.add(OLD_DRAFTS, replaced);
			statements.add(removal.run(connection, transaction));
		}
		WriteStatement all = new WriteStatement(printed, false).addAll(rows, messages.subList(0, first));
		if (all.isOneTooMany()) {
			all = new WriteStatement(printed, true).addAll(rows, messages.subList(0, first));
		}
		statements.add(all.run(connection, transaction));
		for (int from = first; from < messages.size(); from += MOST_MESSAGES) {
			WriteStatement more = new WriteStatement(printed, false);
			more.addMessages(messages.subList(from, Math.min(from + MOST_MESSAGES, messages.size())));
			statements.add(more.run(connection, transaction));
		}
		return statements;
	}

	private WriteStatement addAll(Rows rows, List<MessageRow> messages) {
		addSessions(rows);
		addMessages(messages);
		addOthers(rows);
		return this;
	}

	private boolean isOneTooMany() {
		return TEXTS.size() >= MOST_TEXTS && !TEXTS.containsKey(this.parts);
	}

	private void addMessages(List<MessageRow> messages) {
		MessageColumns columns = MessageColumns.of(messages.stream().map(MessageRow::message).toList());
		add((columns == MessageColumns.PLAIN && !this.whole) ? PLAIN_MESSAGES : MESSAGES, messages);
	}

	/** First, for all else refers to them: Citus may carry out part by part. */
	private void addSessions(Rows rows) {
		List<Changed> sessions = rows.sessions();
		List<Changed> old = where(sessions, (session) -> !session.isNew());
		List<Changed> made = where(sessions, Changed::isNew);
		add((this.whole || made.stream().anyMatch(Changed::hasRareChange)) ? NEW_SESSIONS : PLAIN_NEW_SESSIONS, made);
		add((this.whole || old.stream().anyMatch(Changed::hasRareChange)) ? SESSION_DETAILS : SESSIONS, old);
	}

	private void addOthers(Rows rows) {
		List<Changed> sessions = rows.sessions();
		add(TERMS, rows.withNewTerms());
		add(SEARCH_WANTED, where(sessions, Changed::hasOlderActivity));
		add(NEW_CONTEXTS, rows.newContexts());
		add(CONTEXTS, rows.changedContexts());
		add(OLD_CONTEXTS, where(sessions, Changed::hasLostContext));
		add(OLD_SWITCHES, where(sessions, Changed::hasLostSwitches));
		add(SWITCHES, rows.switches());
		add(KEYS, rows.keys());
	}

	private <T> void add(TablePart<T> part, List<T> rows) {
		if (this.whole || !rows.isEmpty()) {
			this.parts.add(part);
			this.rows.add(rows);
		}
	}

	private Mono<Void> run(LaneConnection connection, String transaction) {
		return Mono.defer(() -> {
			String sql = TEXTS.computeIfAbsent(this.parts, WriteStatement::text);
			Statement statement = connection.connection().createStatement(sql).bind(0, transaction);
			int parameter = 2;
			for (int i = 0; i < this.parts.size(); i++) {
				this.parts.get(i).bind(statement, parameter, this.rows.get(i));
				parameter += this.parts.get(i).columns.count();
			}
			return connection.forEachRow(statement, this::take);
		}).then(Mono.defer(() -> this.done ? Mono.empty() : Mono.error(NOT_DONE)));
	}

	private static String text(List<TablePart<?>> parts) {
		List<String> texts = new ArrayList<>();
		List<String> results = new ArrayList<>(List.of(DONE));
		int parameter = 2;
		for (TablePart<?> part : parts) {
			texts.add(part.text(parameter));
			parameter += part.columns.count();
			results.add(part.result);
		}
		results.removeIf(String::isEmpty);
		return "with " + String.join(",\n", texts) + "\n" + String.join("\nunion all ", results);
	}

	private void take(RowReader row) {
		switch (row.text()) {
			case "message" -> this.printed.addMessage(row.number(), row.number(), row);
			case "switch" -> this.printed.addSwitch(row.number(), row.number(), new JsonText(row.text()));
			default -> this.done = true;
		}
	}

	private static List<Changed> where(List<Changed> sessions, Predicate<Changed> condition) {
		return sessions.stream().filter(condition).toList();
	}

	/** What is done to one table. */
	private static final class TablePart<T> {

		private final String name;

		private final String sql;

		private final RowArrays<T> columns;

		private final String result;

		TablePart(String name, String sql, RowArrays<T> columns) {
			this(name, sql, columns, "");
		}

		/**
		 * Makes a part.
		 * @param sql in which <code>%s</code> stands for the rows
		 * @param result a query for JSON as it is printed; empty for none
		 */
		TablePart(String name, String sql, RowArrays<T> columns, String result) {
			this.name = name;
			this.sql = sql;
			this.columns = columns;
			this.result = result;
		}

		String text(int parameter) {
			String rows = "(select * from %s where %s) d".formatted(this.columns.sql(parameter), IS_IN_TRANSACTION);
			return this.name + " as (" + this.sql.formatted(rows) + ")";
		}

		@SuppressWarnings("unchecked") // rows are added beside their part
		void bind(Statement statement, int parameter, List<?> rows) {
			this.columns.bind(statement, parameter, (List<T>) rows);
		}

	}

}
