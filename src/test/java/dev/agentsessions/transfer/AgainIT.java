package dev.agentsessions.transfer;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The same database imported again, after somebody has written: to it, or to the store.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class AgainIT {

	private final String store;

	@TempDir
	private Path directory;

	private OldFile old = new OldFile(Path.of("none"));

	AgainIT(Engine engine) {
		this.store = TestStore.newDatabase(engine);
	}

	@BeforeEach
	void importOnce() throws IOException, SQLException {
		this.old = OldFile.empty(OldFile.V2, this.directory);
		this.old.execute("insert into sessions values (1, 's', '2026-01-01 00:00:00', '2026-01-01 01:00:00', 1, null)",
				message(1, "one"), message(2, "two"),
				"insert into agent_contexts values (1, 1, 'a', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 1, null)",
				"insert into agent_switches values (1, 1, null, 'a', '2026-01-01 00:00:00', null, null)");
		run().expect(0);
	}

	@AfterEach
	void empty() throws SQLException {
		StoreDump.execute(this.store, "delete from sessions");
	}

	@Test
	void whatTheSourceGotSinceIsAdded() throws SQLException {
		this.old.execute("update sessions set last_activity = '2026-01-02 00:00:00'", message(3, "three"),
				"update agent_contexts set current_agent = 'b', switch_count = 2, updated_at = '2026-01-02 00:00:00'",
				"insert into agent_switches values (2, 1, 'a', 'b', '2026-01-02 00:00:00', 'why', null)");
		Command again = run().expect(0);
		assertThat(again.count("continued")).isEqualTo(1);
		assertThat(again.count("messages")).isEqualTo(1);
		assertThat(again.count("switches")).isEqualTo(1);
		assertThat(StoreDump.rows(this.store, "select seq, content from messages order by seq").toString())
			.isEqualTo("[{seq=1, content=one}, {seq=2, content=two}, {seq=3, content=three}]");
		assertThat(
				StoreDump.rows(this.store, "select last_seq, last_switch_no, last_activity from sessions").toString())
			.isEqualTo("[{last_seq=3, last_switch_no=2, last_activity=2026-01-02T00:00:00Z}]");
		assertThat(StoreDump.rows(this.store, "select current_agent, switch_count from agent_contexts").toString())
			.isEqualTo("[{current_agent=b, switch_count=2}]");
		assertThat(run().expect(0).count("already there")).isEqualTo(1);
	}

	/** With new ids and times, behind the switch that was between them. */
	@Test
	void aSessionThatTheSourceHasWrittenAnewIsContinued() throws SQLException {
		this.old.execute("delete from messages", message(11, "one"), message(12, "two"), message(13, "three"),
				"update messages set timestamp = '2026-01-02 00:00:00'",
				"update sessions set last_activity = '2026-01-02 00:00:00'");
		Command again = run().expect(0);
		assertThat(again.count("continued")).isEqualTo(1);
		assertThat(again.count("messages")).isEqualTo(1);
		assertThat(StoreDump.rows(this.store, "select seq, content, timestamp from messages order by seq").toString())
			.isEqualTo("[{seq=1, content=one, timestamp=2026-01-01T00:00:00Z},"
					+ " {seq=2, content=two, timestamp=2026-01-01T00:00:00Z},"
					+ " {seq=3, content=three, timestamp=2026-01-02T00:00:00Z}]");
		assertThat(StoreDump.rows(this.store, "select switch_no, at_seq from agent_switches").toString())
			.isEqualTo("[{switch_no=1, at_seq=2}]");
		assertThat(run().expect(0).count("already there")).isEqualTo(1);
	}

	@Test
	void otherContentIsNotContinued() throws SQLException {
		this.old.execute("update messages set content = 'another' where id = 2", message(3, "three"),
				"update sessions set last_activity = '2026-01-02 00:00:00'");
		assertLeftAlone(3);
	}

	@ParameterizedTest
	@ValueSource(strings = { "update sessions set deleted_at = now(), is_active = false",
			"update sessions set metadata_json = '{}'", "update sessions set last_activity = now()",
			"update agent_contexts set current_agent = 'z'" })
	void whatWasChangedInTheStoreSinceIsLeftAloneAndReported(String change) throws SQLException {
		StoreDump.execute(this.store, "update sessions set last_activity = now()", change);
		assertLeftAlone(0);
	}

	@ParameterizedTest
	@ValueSource(strings = { "update sessions set last_view_no = 1",
			"update agent_contexts set current_agent = 'z', updated_at = '2026-01-01 12:00:00+00'" })
	void whatTheSourceWouldUndoStays(String change) throws SQLException {
		StoreDump.execute(this.store, change);
		this.old.execute("update sessions set last_activity = '2026-01-02 00:00:00'", message(3, "three"));
		assertLeftAlone(3);
	}

	@Test
	void whatOnlyTheSourceSaysOfASessionIsRejected() throws SQLException {
		StoreDump.execute(this.store, "update sessions set title = 'older'");
		this.old.execute("update sessions set last_activity = '2026-01-02 00:00:00'");
		assertLeftAlone(3);
	}

	/** The time that a switch got in its place may be another one now. */
	@Test
	void aSwitchWithoutATimeIsContinued() throws IOException, SQLException {
		OldFile two = OldFile.empty(OldFile.V1, this.directory);
		two.execute(
				"insert into sessions values ('two', '[{\"content\":\"one\"}]', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
				"insert into agent_contexts values ('two', 'a', '[{\"to\":\"a\"}]', '{}', '2026-01-01 00:00:00',"
						+ " '2026-01-01 00:00:00', 1)");
		run(two).expect(0);
		two.execute("update sessions set last_activity = '2026-01-02 00:00:00'",
				"update agent_contexts set current_agent = 'b', last_switch_at = '2026-01-02 00:00:00', switch_count = 2,"
						+ " agent_history = '[{\"to\":\"a\"},{\"to\":\"b\"}]'");
		assertThat(run(two).expect(0).count("switches")).isEqualTo(1);
		assertThat(StoreDump
			.rows(this.store,
					"select to_agent, switched_at from agent_switches where context_db_id ="
							+ " (select max(context_db_id) from agent_switches) order by switch_no")
			.toString()).isEqualTo(
					"[{to_agent=a, switched_at=2026-01-01T00:00:00Z}, {to_agent=b, switched_at=2026-01-02T00:00:00Z}]");
	}

	@Test
	void aSwitchMadeInTheStoreStays() throws SQLException {
		StoreDump.execute(this.store,
				"insert into agent_switches (context_db_id, switch_no, to_agent) select id, 2, 'z' from agent_contexts",
				"update sessions set last_switch_no = 2, last_activity = now()");
		assertLeftAlone(0);
	}

	@Test
	void aMessageAppendedThroughTheServiceStays() throws SQLException {
		try (TestStore service = TestStore.start(this.store)) {
			Api.on(service).append("s", Json.message("three")).expect(201);
		}
		assertLeftAlone(0);
		this.old.execute(message(3, "three, of the source"),
				"update sessions set last_activity = '2099-01-01 00:00:00'");
		assertLeftAlone(3);
	}

	@Test
	void whatBothHaveChangedIsLeftAloneAndRejected() throws SQLException {
		StoreDump.execute(this.store, "update sessions set last_activity = now()");
		this.old.execute(message(3, "three"));
		assertLeftAlone(3);
	}

	private void assertLeftAlone(int status) throws SQLException {
		Map<String, List<Map<String, @Nullable String>>> before = StoreDump.everything(this.store);
		Command again = run().expect(status);
		assertThat(again.count("left alone")).isEqualTo(1);
		assertThat(again.err()).contains("left alone: s: ");
		assertThat(again.count("messages")).isZero();
		assertThat(StoreDump.everything(this.store)).isEqualTo(before);
	}

	private Command run() {
		return run(this.old);
	}

	private Command run(OldFile source) {
		return Command.run(this.store, "import", "--from", source.url(), "--rejects",
				this.directory.resolve("rejects").toString());
	}

	private static String message(int id, String content) {
		return "insert into messages values (" + id + ", 1, 'user', '" + content
				+ "', '2026-01-01 00:00:00', null, null, null, null, null)";
	}

}
