package dev.agentsessions.transfer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import dev.agentsessions.Json;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Both samples of the older service's databases, row by row.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class SampleImportIT {

	private static final String MESSAGES = """
			select s.session_id, m.seq, m.role, m.content, m.timestamp, m.name, m.tool_call_id, m.tool_calls,
			    m.token_count, m.metadata_json
			from messages m join sessions s on s.id = m.session_db_id order by s.id, m.seq
			""";

	private static final String CONTEXTS = """
			select s.session_id, c.current_agent, c.created_at, c.updated_at, c.switch_count, c.metadata_json
			from agent_contexts c join sessions s on s.id = c.session_db_id order by s.id
			""";

	private static final String SWITCHES = """
			select s.session_id, w.switch_no, w.at_seq, w.from_agent, w.to_agent, w.switched_at, w.reason, w.metadata_json
			from agent_switches w join agent_contexts c on c.id = w.context_db_id
			join sessions s on s.id = c.session_db_id order by s.id, w.switch_no
			""";

	/** What each row says of its log, against the log itself. */
	private static final String RECOUNTED = """
			select session_id from sessions s where last_seq <> (select count(*) from messages where session_db_id = s.id)
			    or first_seq <> 1
			    or total_tokens <> (select coalesce(sum(token_count), 0) from messages where session_db_id = s.id)
			    or coalesce(last_message_at, '1970-01-01T00:00:00Z') <> (select coalesce(max(timestamp),
			        '1970-01-01T00:00:00Z') from messages where session_db_id = s.id)
			    or last_switch_no <> (select count(*) from agent_switches w join agent_contexts c on c.id = w.context_db_id
			        where c.session_db_id = s.id)
			""";

	private final Engine engine;

	@TempDir
	private Path directory;

	private String store = "";

	SampleImportIT(Engine engine) {
		this.engine = engine;
	}

	@BeforeEach
	void makeStore() {
		this.store = TestStore.newDatabase(this.engine);
	}

	@Test
	void fourTablesComeInRowByRow() throws IOException, SQLException {
		OldFile old = OldFile.sample(OldFile.V2, this.directory);
		Command done = importFrom(old).expect(0);
		assertThat(done.count("sessions")).isEqualTo(40);
		assertThat(done.count("messages")).isEqualTo(3632);
		assertThat(done.count("contexts")).isEqualTo(35);
		assertThat(done.count("switches")).isEqualTo(113);
		assertThat(done.count("rejected")).isZero();
		assertThat(this.directory.resolve("rejects")).doesNotExist();

		assertThat(StoreDump.rows(this.store, """
				select tenant, session_id, created_at, last_activity, is_active, deleted_at, metadata_json
				from sessions order by id
				""")).isEqualTo(old.rows("select * from sessions order by id")
			.stream()
			.map((row) -> row("tenant", "default", "session_id", row.get("session_id"), "created_at",
					time(row.get("created_at")), "last_activity", time(row.get("last_activity")), "is_active",
					flag("1".equals(row.get("is_active"))), "deleted_at", time(row.get("deleted_at")), "metadata_json",
					null))
			.toList());
		assertThat(byValue(StoreDump.rows(this.store, MESSAGES))).isEqualTo(byValue(old.rows("""
				select s.session_id, row_number() over (partition by s.id order by m.timestamp, m.id) as seq, m.role,
				    m.content, m.timestamp, m.name, m.tool_call_id, m.tool_calls, m.token_count, m.metadata_json
				from messages m join sessions s on s.id = m.session_db_id order by s.id, m.timestamp, m.id
				""")));
		assertThat(byValue(StoreDump.rows(this.store, CONTEXTS))).isEqualTo(byValue(old.rows("""
				select s.session_id, c.current_agent, c.created_at, c.updated_at, c.switch_count, c.metadata_json
				from agent_contexts c join sessions s on s.id = c.session_db_id order by s.id
				""")));
		assertThat(byValue(StoreDump.rows(this.store, SWITCHES))).isEqualTo(byValue(old
			.rows("""
					select s.session_id, row_number() over (partition by s.id order by w.id) as switch_no,
					    (select count(*) from messages m where m.session_db_id = s.id and m.timestamp <= w.switched_at) as at_seq,
					    w.from_agent, w.to_agent, w.switched_at, w.reason, w.metadata_json
					from agent_switches w join agent_contexts c on c.id = w.context_db_id
					join sessions s on s.id = c.session_db_id order by s.id, w.id
					""")));
		assertThat(StoreDump.rows(this.store, RECOUNTED)).isEmpty();
	}

	@Test
	void twoTablesComeInElementByElement() throws IOException, SQLException {
		OldFile old = OldFile.sample(OldFile.V1, this.directory);
		Command done = importFrom(old).expect(3);
		assertThat(done.count("sessions")).isEqualTo(50);
		assertThat(done.count("contexts")).isEqualTo(37);

		List<Map<String, @Nullable String>> sessions = new ArrayList<>();
		List<Map<String, @Nullable Object>> messages = new ArrayList<>();
		for (Map<String, @Nullable String> session : old
			.rows("select * from sessions order by created_at, session_id")) {
			String id = Objects.requireNonNull(session.get("session_id"));
			if (id.length() <= 255) {
				sessions.add(row("session_id", id, "created_at", time(session.get("created_at")), "last_activity",
						time(session.get("last_activity"))));
				addExpected(messages, id, session);
			}
		}
		// the one whose context had no session
		sessions.add(row("session_id", "odd-orphan-context", "created_at", "2026-01-01T09:00:00Z", "last_activity",
				"2026-01-01T09:00:00Z"));
		assertThat(StoreDump.rows(this.store, "select session_id, created_at, last_activity from sessions order by id"))
			.isEqualTo(sessions);
		assertThat(byValue(StoreDump.rows(this.store, MESSAGES))).isEqualTo(messages);
		assertThat(done.count("messages")).isEqualTo(messages.size());
		assertContexts(old);
		assertThat(StoreDump.rows(this.store, RECOUNTED)).isEmpty();
	}

	/** What has to come of a list of messages, made without the code under test. */
	private static void addExpected(List<Map<String, @Nullable Object>> expected, String id,
			Map<String, @Nullable String> session) {
		if (Set.of("odd-truncated-json", "odd-messages-not-list", "odd-nul").contains(id)) {
			return;
		}
		int seq = 0;
		for (JsonNode each : Json.parse(Objects.requireNonNull(session.get("messages")))) {
			JsonNode content = each.path("content");
			String role = each.path("role").asString("user");
			seq++;
			Map<String, @Nullable Object> row = new LinkedHashMap<>();
			row.put("session_id", id);
			row.put("seq", Integer.toString(seq));
			row.put("role", role);
			row.put("content", content.isArray() ? content.toString() : content.asString(null));
			row.put("timestamp", time(session.get("last_activity")));
			row.put("name", each.path("name").asString(null));
			row.put("tool_call_id", each.path("tool_call_id").asString(null));
			row.put("tool_calls", each.has("tool_calls") ? Json.value(each.get("tool_calls")) : null);
			row.put("token_count", null);
			row.put("metadata_json", content.isArray() ? Map.of("content_type", "application/json") : null);
			expected.add(row);
		}
	}

	private void assertContexts(OldFile old) throws SQLException {
		List<Map<String, @Nullable Object>> contexts = new ArrayList<>();
		List<Map<String, @Nullable Object>> switches = new ArrayList<>();
		for (Map<String, @Nullable String> row : old
			.rows("""
					select c.*, s.session_id as owner from agent_contexts c left join sessions s on s.session_id = c.session_id
					order by s.session_id is null, s.created_at, s.session_id
					""")) {
			String id = Objects.requireNonNull(row.get("session_id"));
			String last = (row.get("last_switch_at") != null) ? row.get("last_switch_at") : row.get("created_at");
			contexts.addAll(byValue(List.of(row("session_id", id, "current_agent", row.get("current_agent"),
					"created_at", row.get("created_at"), "updated_at", last, "switch_count", row.get("switch_count"),
					"metadata_json", row.get("context_metadata")))));
			int no = 0;
			String history = Objects.requireNonNull(row.get("agent_history"));
			for (JsonNode each : Json.parse(history.equals("not json") ? "[]" : history)) {
				switches.addAll(byValue(List.of(row("session_id", id, "switch_no", Integer.toString(++no), "from_agent",
						each.path("from").stringValue(), "to_agent", each.path("to").stringValue(), "switched_at",
						each.path("timestamp").asString(last), "reason", each.path("reason").asString(null)))));
			}
		}
		assertThat(byValue(StoreDump.rows(this.store, CONTEXTS))).isEqualTo(contexts);
		assertThat(byValue(StoreDump.rows(this.store, """
				select s.session_id, w.switch_no, w.from_agent, w.to_agent, w.switched_at, w.reason
				from agent_switches w join agent_contexts c on c.id = w.context_db_id
				join sessions s on s.id = c.session_db_id order by s.id, w.switch_no
				"""))).isEqualTo(switches);
	}

	@Test
	void whatCannotBeStoredIsInTheRejectsWithItsTextAndItsNeighboursAreNot() throws IOException {
		Command done = importFrom(OldFile.sample(OldFile.V1, this.directory)).expect(3);
		List<String> rejects = Files.readAllLines(this.directory.resolve("rejects"));
		assertThat(done.count("rejected")).isEqualTo(5);
		assertThat(rejects.stream().map(Json::parse).map((each) -> {
			String session = each.path("session").stringValue();
			return (session.length() > 255 ? "long" : session) + " " + each.path("place").stringValue() + " "
					+ each.path("original").stringValue();
		})).containsExactlyInAnyOrder("odd-empty /agent_context/agent_history not json",
				"long /session_id [{\"role\": \"user\", \"content\": \"id too long\"}]",
				"odd-messages-not-list /messages {\"role\": \"user\", \"content\": \"x\"}",
				"odd-nul /messages/0/content {\"role\": \"user\", \"content\": \"a\\u0000b\"}",
				"odd-truncated-json /messages {\"role\":\"user\",\"content\":\"hel");
	}

	@Test
	void aSecondImportChangesNothingAndSaysSo() throws IOException, SQLException {
		for (String name : List.of(OldFile.V1, OldFile.V2)) {
			makeStore();
			OldFile old = OldFile.sample(name, this.directory);
			int status = importFrom(old).status();
			Map<String, List<Map<String, @Nullable String>>> before = StoreDump.everything(this.store);
			Command again = importFrom(old).expect(status);
			assertThat(StoreDump.everything(this.store)).isEqualTo(before);
			assertThat(again.count("sessions")).isZero();
			assertThat(again.count("messages")).isZero();
			assertThat(again.count("already there")).isEqualTo(name.equals(OldFile.V1) ? 50 : 40);
			assertThat(again.text()).contains("Nothing had to be written");
		}
	}

	/** The samples have some ids in common, under which they keep different sessions. */
	@Test
	void aSessionThatIsAnotherInTheStoreIsLeftAloneAndReported() throws IOException, SQLException {
		importFrom(OldFile.sample(OldFile.V2, this.directory)).expect(0);
		Map<String, List<Map<String, @Nullable String>>> before = StoreDump.everything(this.store);
		Command done = importFrom(OldFile.sample(OldFile.V1, this.directory)).expect(3);
		assertThat(done.count("left alone")).isEqualTo(6);
		assertThat(done.count("sessions")).isEqualTo(44);
		assertThat(done.count("rejected")).isEqualTo(5 + 6);
		assertThat(done.err()).contains("left alone: session_0: the store has other content or details under this id");
		assertThat(Files.readString(this.directory.resolve("rejects")))
			.contains("{\"session\":\"session_0\",\"place\":\"\"");
		StoreDump.everything(this.store)
			.forEach((table, rows) -> assertThat(rows).containsAll(Objects.requireNonNull(before.get(table))));
	}

	private Command importFrom(OldFile old) {
		return Command.run(this.store, "import", "--from", old.url(), "--rejects",
				this.directory.resolve("rejects").toString());
	}

	private String flag(boolean value) {
		return (this.engine == Engine.H2) ? (value ? "TRUE" : "FALSE") : (value ? "t" : "f");
	}

	private static Map<String, @Nullable String> row(@Nullable String... namesAndValues) {
		Map<String, @Nullable String> row = new LinkedHashMap<>();
		for (int i = 0; i < namesAndValues.length; i += 2) {
			row.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
		}
		return row;
	}

	private static List<Map<String, @Nullable Object>> byValue(List<Map<String, @Nullable String>> rows) {
		return rows.stream().map((row) -> {
			Map<String, @Nullable Object> values = new LinkedHashMap<>();
			row.forEach((name, text) -> values.put(name,
					(text != null && (name.equals("tool_calls") || name.endsWith("_json"))) ? Json.value(text)
							: (name.endsWith("_at") || name.equals("timestamp")) ? time(text) : text));
			return values;
		}).toList();
	}

	/** The instant, however it is written. */
	private static @Nullable String time(@Nullable String text) {
		return (text == null) ? null
				: java.time.Instant.parse(text.replace(' ', 'T') + (text.endsWith("Z") ? "" : "Z")).toString();
	}

}
