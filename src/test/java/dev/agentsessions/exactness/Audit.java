package dev.agentsessions.exactness;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

import dev.agentsessions.TestPostgres;
import dev.agentsessions.exactness.StoreClient.Answer;
import dev.agentsessions.exactness.StoredSession.StoredMessage;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;

/**
 * Holds what the database has in the end against the ledger, when nothing is under way
 * any more. What it finds wrong goes into the ledger.
 */
final class Audit {

	private final Arena arena;

	private final TestedDatabase database;

	Audit(Arena arena, TestedDatabase database) {
		this.arena = arena;
		this.database = database;
	}

	/** All of it. */
	void run() throws IOException, SQLException {
		readReceipts();
		readIndex();
		awaitQuiet();
		requireNoOpenTransaction();
		Map<String, StoredSession> stored = stored();
		stored.values().forEach(this::recount);
		for (SessionLedger ledger : this.arena.ledger().sessions()) {
			StoredSession session = stored.get(ledger.id());
			new SessionAudit(ledger, session, (what) -> violation(ledger.id(), what)).run();
			if (session != null) {
				readOnEveryReplica(session, List.of(sent(session)));
			}
		}
		for (HistoryLedger history : this.arena.ledger().histories()) {
			StoredSession session = stored.get(history.id());
			List<Sent> messages = (session != null) ? sent(session) : List.of();
			List<List<Sent>> views = history.versionsFrom(history.acknowledged())
				.stream()
				.filter((version) -> version.log().equals(messages))
				.map(HistoryLedger.Version::view)
				.toList();
			if (views.isEmpty()) {
				violation(history.id(), "holds no version from " + history.acknowledged() + " on: " + messages);
			}
			if (session != null) {
				readOnEveryReplica(session, views);
			}
		}
		readStates();
	}

	/** Those that nobody got, too, come to their end. */
	private void readReceipts() throws IOException, SQLException {
		Awaitility.await("every erasure is done")
			.atMost(Duration.ofSeconds(60))
			.until(() -> count("erasures where state <> 'done'") == 0);
		if (count("sessions where erasure_db_id is not null") != 0) {
			violation("sessions", "have rows that were erased");
		}
		for (Erased erased : this.arena.ledger().erased()) {
			for (Replica replica : this.arena.replicas()) {
				Answer receipt = this.arena.client().get(replica, "/v1/erasures/" + erased.erasureId());
				if (!erased.isReceiptedBy(receipt)) {
					violation(erased.toString(), "has on " + replica + " the receipt " + receipt);
				}
			}
			this.arena.ledger().count("receipts of erasures");
		}
	}

	/** Each message is indexed, once, and nothing else is. */
	private void readIndex() throws SQLException {
		String now = this.database.query("select cast(clock_timestamp() as text)", (row) -> row.getString(1)).get(0);
		Awaitility.await("everything is indexed")
			.atMost(Duration.ofSeconds(60))
			.until(() -> count("search_progress where indexed_through <= '" + now + "'") == 0);
		String same = " where w.session_db_id = m.session_db_id and w.seq = m.seq)";
		long missing = count("messages m join sessions s on s.id = m.session_db_id and s.tenant not like '~%'"
				+ " where not exists (select 1 from message_words w" + same);
		long left = count("message_words w join sessions s on s.id = w.session_db_id and s.tenant not like '~%'"
				+ " where not exists (select 1 from messages m" + same);
		if (missing + left > 0) {
			violation("search", "lacks " + missing + " messages, and has " + left + " that are not there");
		}
		this.arena.ledger().count("audits of the index");
	}

	private long count(String rows) throws SQLException {
		return this.database.queryTables("select count(*) from " + rows, (row) -> row.getLong(1))
			.stream()
			.mapToLong(Long::longValue)
			.sum();
	}

	private void readStates() throws IOException {
		for (Map.Entry<String, List<Steward.State>> session : this.arena.ledger().states().entrySet()) {
			for (Replica replica : this.arena.replicas()) {
				Answer answer = this.arena.client().get(replica, session.getKey() + "?include_deleted=true");
				if (session.getValue().stream().noneMatch((state) -> state.isShownBy(answer))) {
					violation(session.getKey(), "is none of " + session.getValue() + " on " + replica + ": " + answer);
				}
			}
		}
	}

	private Map<String, StoredSession> stored() throws SQLException {
		try (Connection connection = TestPostgres.connect(this.database.url())) {
			return StoredSession.all(connection)
				.stream()
				.collect(Collectors.toMap(StoredSession::id, Function.identity()));
		}
	}

	/** A statement can outlive the request and even the replica that sent it. */
	private void awaitQuiet() {
		Awaitility.await("no statement of the store is running")
			.atMost(Duration.ofSeconds(15))
			.until(() -> inState("state = 'active'").isEmpty());
	}

	/**
	 * All requests have been answered and all statements have ended: what is open now
	 * would have been left open.
	 */
	private void requireNoOpenTransaction() throws SQLException {
		List<String> open = inState("state like 'idle in transaction%'");
		if (!open.isEmpty()) {
			violation("connections", "in a transaction that nobody ends: " + open);
		}
	}

	private List<String> inState(String condition) throws SQLException {
		return this.database.query(
				"select state, query from pg_stat_activity where datname = current_database()"
						+ " and application_name = '" + TestedDatabase.STORE + "' and " + condition,
				(row) -> row.getString("state") + ": " + row.getString("query"));
	}

	/**
	 * The row's counters equal a recount, numbers have no gaps, and times don't go back.
	 */
	private void recount(StoredSession session) {
		List<StoredMessage> messages = session.messages();
		StoredSession.Counters counters = session.counters();
		for (int i = 0; i < messages.size(); i++) {
			if (messages.get(i).seq() != counters.firstSeq() + i) {
				violation(session.id(), "has " + messages.get(i) + " in place of " + (counters.firstSeq() + i));
				return;
			}
			if (i > 0 && messages.get(i).timestamp().compareTo(messages.get(i - 1).timestamp()) < 0) {
				violation(session.id(), "has " + messages.get(i) + " behind " + messages.get(i - 1));
			}
		}
		if (counters.lastSeq() - counters.firstSeq() + 1 != messages.size()
				|| counters.totalTokens() != messages.stream().mapToLong(StoredMessage::tokens).sum()
				|| !messages.stream()
					.map(StoredMessage::timestamp)
					.max(String::compareTo)
					.equals(Optional.ofNullable(counters.lastMessageAt()))) {
			violation(session.id(), counters + " does not count " + messages.size() + " messages");
		}
	}

	private void readOnEveryReplica(StoredSession session, List<List<Sent>> views) throws IOException {
		for (Replica replica : this.arena.replicas()) {
			String path = "/v1/sessions/" + session.id();
			Answer history = this.arena.client().get(replica, path + "/history");
			Answer stats = this.arena.client().get(replica, path + "/stats");
			JsonNode counted = stats.json();
			if (views.stream().noneMatch((view) -> HistoryLedger.shows(history.json().path("messages"), view))) {
				violation(session.id(), "is not what " + replica + " shows: " + history);
			}
			if (counted.path("message_count").asLong(-1) != session.messages().size()
					|| counted.path("total_tokens").asLong(-1) != session.counters().totalTokens()) {
				violation(session.id(), "is not what " + replica + " counts: " + stats);
			}
		}
	}

	private static List<Sent> sent(StoredSession session) {
		return session.messages().stream().map((message) -> new Sent(message.content())).toList();
	}

	private void violation(String where, String what) {
		this.arena.ledger().violation(where + " " + what);
	}

}
