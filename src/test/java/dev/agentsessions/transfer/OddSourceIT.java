package dev.agentsessions.transfer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

import dev.agentsessions.Json;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What real databases of the older service hold besides what they should: it goes to the
 * rejects, and everything around it comes in.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class OddSourceIT {

	private final Engine engine;

	@TempDir
	private Path directory;

	private String store = "";

	OddSourceIT(Engine engine) {
		this.engine = engine;
	}

	@BeforeEach
	void makeStore() {
		this.store = TestStore.newDatabase(this.engine);
	}

	@Test
	void elementsAreJudgedOneByOne() throws IOException, SQLException {
		OldFile old = OldFile.empty(OldFile.V1, this.directory);
		put(old, "s",
				"""
						[ {"role": "user", "content": "one"}, {"role": "user", "content": NaN}, 5, "text", null,
						  {"role": "user", "content": "a ] } , \\" b"}, {"role": "user", "content": "\\ud83d"},
						  {"role": "user", "role": "user", "content": "twice"}, {"role": "user", "content": 7},
						  {"role": "assistant", "tool_calls": {"id": 1}}, {"role": "assistant", "content": "kept", "tool_calls": 5},
						  , {"role": "user", "content": "last"} ] x
						""");
		Command done = run(old).expect(3);
		assertThat(contents()).containsExactly("one", "a ] } , \" b", "kept", "last");
		assertThat(places()).containsExactly("s /messages/1", "s /messages/2", "s /messages/3", "s /messages/4",
				"s /messages/6/content", "s /messages/7/role", "s /messages/8/content", "s /messages/9/tool_calls",
				"s /messages/10/tool_calls", "s /messages/11", "s /messages");
		assertThat(done.count("rejected")).isEqualTo(11);
	}

	@Test
	void whatTheStoreHasNoFieldForIsKeptInTheMetadata() throws IOException, SQLException {
		OldFile old = OldFile.empty(OldFile.V1, this.directory);
		put(old, "s",
				"""
						[{"role": "user", "content_type": "own", "content": {"type": "text"}, "refusal": null, "weight": 1.50, "token_count": "many"},
						 {"role": "user", "content": "b", "token_count": 7, "metadata": {"a": 1}, "x": [1], "timestamp":
						  "2025-05-05T10:00:00.000001+02:00"}, {"content": "c", "role": null, "name": null}]
						""");
		run(old).expect(0);
		List<String> rows = StoreDump
			.rows(this.store, "select role, content, token_count, metadata_json, timestamp from messages order by seq")
			.stream()
			.map((row) -> row.get("role") + " " + row.get("content") + " " + row.get("token_count") + " "
					+ String.valueOf(row.get("metadata_json")).replace(" ", "") + " " + row.get("timestamp"))
			.toList();
		assertThat(rows.get(0)).startsWith("user {\"type\":\"text\"} null {")
			.contains("\"weight\":1.50")
			.contains("\"token_count\":\"many\"")
			.contains("\"content_type\":\"application/json\"")
			.contains("\"content_type_\":\"own\"")
			.endsWith("2026-01-02T00:00:00Z");
		assertThat(rows.get(1)).startsWith("user b 7 {")
			.contains("\"a\":1")
			.contains("\"x\":[1]")
			.endsWith("2025-05-05T08:00:00.000001Z");
		assertThat(rows.get(2)).isEqualTo("user c null null 2026-01-02T00:00:00Z");
	}

	/** As a request takes it; what is a name of the store's own is none. */
	@Test
	void whatAMessageWithoutContentSaysStays() throws IOException, SQLException {
		OldFile old = OldFile.empty(OldFile.V1, this.directory);
		put(old, "s", """
				[{"role": "assistant", "content": null, "function_call": {"name": "f", "arguments": "{}"}, "id": 7},
				 {"role": "assistant", "content": null, "id": "x"}, {"role": "user", "content": "last"}]
				""");
		run(old).expect(3);
		assertThat(places()).containsExactly("s /messages/1/content");
		List<String> rows = StoreDump
			.rows(this.store, "select role, content, extra_json, metadata_json from messages order by seq")
			.stream()
			.map((row) -> (row.get("role") + " " + row.get("content") + " " + row.get("extra_json") + " "
					+ row.get("metadata_json"))
				.replaceAll("(?<=\\W) ", ""))
			.toList();
		assertThat(rows.get(0)).startsWith("assistant null {\"function_call\":{")
			.contains("\"name\":\"f\"", "\"arguments\":\"{}\"")
			.endsWith("{\"id\":7}");
		assertThat(rows).hasSize(2);
	}

	@Test
	void agentsComeInWithoutSwitchesButNoSwitchWithoutAgents() throws IOException, SQLException {
		OldFile old = OldFile.sample(OldFile.V2, this.directory);
		old.execute("alter table agent_contexts rename to away");
		Command without = Command.run(this.store, "import", "--dry-run", "--from", old.url()).expect(3);
		assertThat(without.count("contexts")).isZero();
		assertThat(without.count("rejected")).isEqualTo(113);
		old.execute("alter table away rename to agent_contexts", "drop table agent_switches");
		Command done = run(old).expect(0);
		assertThat(done.count("contexts")).isEqualTo(35);
		assertThat(done.count("switches")).isZero();
	}

	@Test
	void theContextOfARejectedSessionIsRejected() throws IOException, SQLException {
		OldFile old = OldFile.empty(OldFile.V1, this.directory);
		put(old, "a/b", "[]");
		old.execute("insert into agent_contexts values ('a/b', 'agent', '[]', '{}', '2026-01-01 00:00:00', null, 0)");
		run(old).expect(3);
		assertThat(places()).containsExactly("a/b /session_id", "a/b /agent_context");
		assertThat(originals().get(1)).contains("agent_history");
	}

	@Test
	void whatWasDeletedAtATimeThatCantBeReadStaysDeleted() throws IOException, SQLException {
		OldFile old = OldFile.empty(OldFile.V2, this.directory);
		old.execute("insert into sessions values (1, 'a', '2026-01-01 00:00:00', '2026-01-02 00:00:00', 0, 'then')");
		run(old).expect(3);
		assertThat(places()).containsExactly("a /deleted_at");
		assertThat(StoreDump.rows(this.store, "select deleted_at from sessions").toString())
			.isEqualTo("[{deleted_at=2026-01-02T00:00:00Z}]");
	}

	@Test
	void whatIsDeletedIsSaidByTheTimeOfItsDeletion() throws IOException, SQLException {
		OldFile old = OldFile.empty(OldFile.V2, this.directory);
		String time = "'2026-01-01 00:00:00'";
		old.execute("insert into sessions values (1, 'a', %1$s, %1$s, 0, null)".formatted(time),
				"insert into sessions values (2, 'b', %1$s, %1$s, 1, %1$s)".formatted(time));
		run(old).expect(0);
		assertThat(StoreDump.rows(this.store, "select is_active from sessions order by session_id"))
			.extracting((row) -> String.valueOf(row.get("is_active")).substring(0, 1).toLowerCase(Locale.ROOT))
			.containsExactly("t", "f");
		run(old).expect(0);
	}

	@Test
	void idsThatTheContractRefusesGoToTheRejectsWithTheirSessions() throws IOException, SQLException {
		OldFile old = OldFile.empty(OldFile.V2, this.directory);
		old.execute("insert into sessions values (1, 'a/b', '2026-01-01', '2026-01-01 00:00:00', 1, null)",
				"insert into sessions values (2, '..', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 1, null)",
				"insert into sessions values (3, 'né 1%', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 1, null)",
				message(1, 1, "'user'", "'in a/b'"), message(2, 3, "'user'", "'in 3'"),
				"insert into agent_contexts values (1, 1, 'a', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 1, null)",
				"insert into agent_switches values (1, 1, null, 'a', '2026-01-01 00:00:00', null, null)");
		run(old).expect(3);
		assertThat(contents()).containsExactly("in 3");
		assertThat(places()).containsExactly("a/b /session_id", "a/b /messages/1", "a/b /agent_contexts/1",
				"a/b /agent_switches/1", ".. /session_id");
	}

	@Test
	void rowsOfSqliteThatHaveWhatTheirColumnsDoNotAllow() throws IOException, SQLException {
		OldFile old = OldFile.empty(OldFile.V2, this.directory);
		String time = "'2026-01-01 00:00:00.000000'";
		old.execute("insert into sessions values (1, 's', " + time + ", 'yesterday', null, null)",
				message(1, 1, "'user'", "cast(x'610062' as text)"), message(2, 1, "'user'", "cast(x'61ff62' as text)"),
				message(3, 1, "'user'", "'good'"), message(4, 7, "'user'", "'of nobody'"),
				"insert into messages values (5, 1, 'tool', 'without', 'never', 'n', 'c', '[1', -4, '[]')",
				"insert into agent_contexts values (1, 1, 'a', " + time + ", " + time + ", -1, '{\"a\":')",
				"insert into agent_contexts values (2, 9, 'a', " + time + ", " + time + ", 0, null)",
				"insert into agent_switches values (1, 1, '', 'a', " + time + ", 'r', 'x')",
				"insert into agent_switches values (2, 1, 'a', '', " + time + ", 'r', null)",
				"insert into agent_switches values (3, 5, 'a', 'b', " + time + ", 'r', null)");
		run(old).expect(3);
		assertThat(contents()).containsExactly("good", "without");
		assertThat(places()).containsExactlyInAnyOrder("s /last_activity", "s /messages/1/content",
				"s /messages/2/content", " /messages/4", "s /messages/5/tool_calls", "s /messages/5/token_count",
				"s /messages/5/timestamp", "s /messages/5/metadata", "s /agent_context/metadata",
				"s /agent_context/switch_count", " /agent_contexts/2", "s /agent_switches/1/metadata",
				"s /agent_switches/2/to", " /agent_switches/3");
		assertThat(originals()).anyMatch((text) -> text.contains("a\\udcffb"))
			.anyMatch((text) -> text.contains("a\\u0000b"))
			.contains("yesterday", "[1", "-4", "{\"a\":");
		assertThat(StoreDump.rows(this.store, "select created_at, last_activity from sessions").toString())
			.isEqualTo("[{created_at=2026-01-01T00:00:00Z, last_activity=2026-01-01T00:00:00Z}]");
	}

	@Test
	void messagesAreOrderedByTimeAndThenByIdAndSwitchesStandAmongThem() throws IOException, SQLException {
		OldFile old = OldFile.empty(OldFile.V2, this.directory);
		old.execute("insert into sessions values (1, 's', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 1, null)",
				"insert into messages values (1, 1, 'user', 'third', '2026-01-01 00:00:03', null, null, null, 3, null)",
				"insert into messages values (2, 1, 'user', 'first', '2026-01-01 00:00:01', null, null, null, 2, null)",
				"insert into messages values (3, 1, 'user', 'second', '2026-01-01 00:00:01', null, null, null, null, null)",
				"insert into agent_contexts values (1, 1, 'b', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 2, null)",
				"insert into agent_switches values (1, 1, 'x', 'a', '2026-01-01 00:00:01', null, null)",
				"insert into agent_switches values (2, 1, 'a', 'b', '2026-01-01 00:00:09', null, null)");
		run(old).expect(0);
		assertThat(contents()).containsExactly("first", "second", "third");
		assertThat(StoreDump.rows(this.store, "select switch_no, at_seq from agent_switches order by switch_no")
			.toString()).isEqualTo("[{switch_no=1, at_seq=2}, {switch_no=2, at_seq=3}]");
		assertThat(StoreDump
			.rows(this.store, "select last_seq, total_tokens, last_message_at, last_switch_no from sessions")
			.toString())
			.isEqualTo("[{last_seq=3, total_tokens=5, last_message_at=2026-01-01T00:00:03Z, last_switch_no=2}]");
	}

	@Test
	void aZoneIsForTimesThatHaveNone() throws IOException, SQLException {
		OldFile old = OldFile.empty(OldFile.V2, this.directory);
		old.execute(
				"insert into sessions values (1, 's', '2026-01-01 03:00:00', '2026-07-01T00:00:00+00:00', 1, null)");
		Command.run(this.store, "import", "--from", old.url(), "--zone", "Europe/Moscow").expect(0);
		assertThat(StoreDump.rows(this.store, "select created_at, last_activity from sessions").toString())
			.isEqualTo("[{created_at=2026-01-01T00:00:00Z, last_activity=2026-07-01T00:00:00Z}]");
	}

	@Test
	void whatIsInTheWriteAheadLogComesIn() throws IOException, SQLException {
		OldFile old = OldFile.empty(OldFile.V2, this.directory);
		try (Connection writer = old.connect(); Statement statement = writer.createStatement()) {
			statement.execute("pragma journal_mode = wal");
			statement.execute("pragma wal_autocheckpoint = 0");
			statement.execute("insert into sessions values (1, 's', '2026-01-01', '2026-01-01 00:00:00', 1, null)");
			statement.execute("update sessions set created_at = '2026-01-01 00:00:00'");
			assertThat(Files.size(Path.of(old.path() + "-wal"))).isPositive();
			assertThat(run(old).expect(0).count("sessions")).isEqualTo(1);
		}
	}

	@Test
	void aTenantCanBeNamed() throws IOException, SQLException {
		OldFile old = OldFile.empty(OldFile.V1, this.directory);
		put(old, "s", "[]");
		Command.run(this.store, "import", "--from", old.url(), "--tenant=ann").expect(0);
		assertThat(StoreDump.rows(this.store, "select tenant from sessions").toString()).isEqualTo("[{tenant=ann}]");
	}

	private Command run(OldFile old) {
		return Command.run(this.store, "import", "--from", old.url(), "--rejects",
				this.directory.resolve("rejects").toString());
	}

	private List<String> contents() throws SQLException {
		return StoreDump.rows(this.store, "select content from messages order by session_db_id, seq")
			.stream()
			.map((row) -> Objects.requireNonNull(row.get("content")))
			.toList();
	}

	private List<String> places() throws IOException {
		return Files.readAllLines(this.directory.resolve("rejects"), StandardCharsets.UTF_8)
			.stream()
			.map(Json::parse)
			.map((each) -> each.path("session").stringValue() + " " + each.path("place").stringValue())
			.toList();
	}

	private List<String> originals() throws IOException {
		return Files.readAllLines(this.directory.resolve("rejects"), StandardCharsets.UTF_8)
			.stream()
			.map((line) -> Json.parse(line).path("original").stringValue())
			.toList();
	}

	private static String message(int id, int session, String role, String content) {
		return "insert into messages values (" + id + ", " + session + ", " + role + ", " + content
				+ ", '2026-01-01 00:00:00.000000', null, null, null, null, null)";
	}

	private static void put(OldFile old, String id, String messages) throws SQLException {
		try (Connection connection = old.connect();
				PreparedStatement insert = connection.prepareStatement(
						"insert into sessions values (?, ?, '2026-01-02 00:00:00', '2026-01-01 00:00:00')")) {
			insert.setString(1, id);
			insert.setString(2, messages);
			insert.executeUpdate();
		}
	}

}
