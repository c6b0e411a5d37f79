package dev.agentsessions.database.connect;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

import dev.agentsessions.Api;
import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import dev.agentsessions.transfer.Command;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Stores with several buckets: where what is, and that nobody looks elsewhere.
 */
@ExtendWith(OutputCaptureExtension.class)
class BucketsIT {

	private static final int SESSIONS = 60;

	private static final String FOUR = "store.database.buckets=4";

	private static final String ONE = "store.database.buckets=1";

	@TempDir
	private Path directory;

	private final String database = TestPostgres.get().newDatabase();

	@Test
	void allOfASessionIsInTheSchemaOfItsBucket() throws SQLException {
		try (TestStore store = TestStore.start(this.database, FOUR)) {
			fill(Api.on(store));
		}
		try (Connection connection = TestPostgres.connect(this.database)) {
			long sessions = 0;
			for (int bucket = 0; bucket < 4; bucket++) {
				connection.setSchema("bucket_" + bucket);
				assertThat(number(connection, "select count(*) as n from sessions where (id - 1) % 4 <> " + bucket))
					.isZero();
				long there = number(connection, "select count(*) as n from sessions");
				assertThat(there).isPositive();
				assertThat(number(connection, "select count(*) as n from messages")).isEqualTo(2 * there);
				assertThat(number(connection, "select count(*) as n from agent_contexts")).isEqualTo(there);
				sessions += there;
			}
			assertThat(sessions).isEqualTo(SESSIONS);
			connection.setSchema("public");
			assertThat(number(connection, "select to_regclass('sessions')::oid::bigint as n")).isZero();
		}
	}

	@Test
	void listsAreThoseOfOneStore() {
		try (TestStore store = TestStore.start(this.database, FOUR)) {
			Api api = Api.on(store);
			fill(api);
			List<String> names = IntStream.range(0, SESSIONS).mapToObj((i) -> "s" + i).toList();
			assertThat(ids(api, "/v1/sessions?order=created&limit=7")).isEqualTo(names);
			assertThat(ids(api, "/v1/sessions?limit=7")).isEqualTo(reversed(names));
			assertThat(ids(api, "/v1/sessions?owner=o&limit=7")).isEqualTo(reversed(names));
			assertThat(ids(api, "/v1/sessions?label=l:1&order=created&limit=7"))
				.isEqualTo(names.stream().filter((name) -> name.endsWith("1")).toList());
			assertThat(ids(api, "/v1/agent-contexts?limit=7")).isEqualTo(names);
		}
	}

	@Test
	void anotherNumberOfBucketsIsRefused(CapturedOutput output) {
		TestStore.start(this.database, FOUR).close();
		assertThatException().isThrownBy(() -> TestStore.start(this.database, "store.database.buckets=5"));
		assertThat(output).contains("was made with store.database.buckets=4, and cannot be used with 5.",
				"STORE_DATABASE_BUCKETS=4");
		assertThatException().isThrownBy(() -> TestStore.start(this.database, ONE));
		assertThatException().isThrownBy(
				() -> TestStore.start(this.database, "store.database.buckets=3", "spring.liquibase.enabled=false"));
		assertThat(output).contains("cannot be used with 1.", "cannot be used with 3.");
		TestStore.start(this.database, FOUR, "spring.liquibase.enabled=false").close();
		Command export = Command.run(this.database, "export", "--to", "-", "--" + ONE).expect(1);
		assertThat(export.err()).contains("cannot be used with 1.");
	}

	/** As when the machines that they are on are away. */
	@Test
	void tablesThatAreUpToDateNeedNotBeThereForAStart() throws SQLException {
		TestStore.start(this.database, FOUR).close();
		execute("alter schema bucket_0 rename to away", "alter schema bucket_2 rename to far_away");
		try (TestStore store = TestStore.start(this.database, FOUR)) {
			Api api = Api.on(store);
			List<Integer> turns = IntStream.range(0, 40)
				.mapToObj((i) -> api.takeTurn("s" + i, json("{'agent_switch':{'to_agent':'a'}}")).status())
				.toList();
			assertThat(turns).containsOnly(201, 503).contains(201, 503);
			List<Integer> drafts = IntStream.range(0, 40)
				.mapToObj((i) -> api.post("/v1/sessions/s" + i + "/drafts/d")
					.ndjson(json("{'text':'x'}\n{'message':{'role':'assistant','content':'x'}}"))
					.send()
					.status())
				.toList();
			assertThat(drafts).isEqualTo(turns);
			Awaitility.await("it is ready").until(() -> api.get("/readyz").status() == 200);
		}
	}

	@Test
	void tablesOfAnOlderVersionAreBroughtUpToDate() throws SQLException {
		TestStore.start(this.database, FOUR).close();
		execute("update store_buckets set newest_change = '0013-search'",
				"delete from bucket_3.databasechangelog where id = '0014-drafts'",
				"drop table bucket_3.draft_pieces, bucket_3.drafts");
		TestStore.start(this.database, FOUR).close();
		execute("select from bucket_3.drafts");
	}

	private void execute(String... statements) throws SQLException {
		try (Connection connection = TestPostgres.connect(this.database);
				Statement statement = connection.createStatement()) {
			for (String each : statements) {
				statement.execute(each);
			}
		}
	}

	@Test
	void aStoreOfOneBucketIsNotDivided(CapturedOutput output) {
		TestStore.start(this.database, ONE).close();
		assertThatException().isThrownBy(() -> TestStore.start(this.database, FOUR));
		assertThat(output).contains("was made with store.database.buckets=1, and cannot be used with 4.");
		TestStore.start(this.database, ONE).close();
	}

	@Test
	void aRoleThatMayNotCreateStartsOnTablesThatAreThere() throws SQLException {
		TestStore.start(this.database, ONE).close();
		DatabaseUrl url = DatabaseUrl.parse(this.database);
		String role = url.database() + "_role";
		try (Connection connection = TestPostgres.connect(this.database);
				Statement statement = connection.createStatement()) {
			statement.execute("create role " + role + " login password 'r'");
			statement.execute("grant usage on schema public to " + role);
			statement.execute("grant select, insert, update, delete on all tables in schema public to " + role);
			statement.execute("grant usage on all sequences in schema public to " + role);
		}
		String theirs = "postgresql://" + role + ":r@" + url.host() + ":" + url.port() + "/" + url.database();
		try (TestStore store = TestStore.start(theirs, ONE)) {
			Api.on(store).append("s", message("x")).expect(201);
		}
	}

	@Test
	void h2HasOneBucket(CapturedOutput output) {
		assertThatException().isThrownBy(() -> TestStore.start("h2:mem:divided", FOUR));
		assertThat(output).contains("An embedded H2 database has one bucket.", "STORE_DATABASE_BUCKETS");
	}

	@Test
	void aStoreMovesToAnotherNumberOfBucketsAndBack() throws Exception {
		try (TestStore store = TestStore.start(this.database, ONE)) {
			fill(Api.on(store));
		}
		Path before = export(this.database, 1);
		String divided = TestPostgres.get().newDatabase();
		Command there = Command.run(divided, "import", "--from", before.toString(), "--" + FOUR).expect(0);
		assertThat(there.count("sessions")).isEqualTo(SESSIONS);
		assertThat(Command.run(divided, "import", "--dry-run", "--from", before.toString(), "--" + FOUR)
			.expect(0)
			.count("already there")).isEqualTo(SESSIONS);
		assertThat(export(divided, 4)).as("sessions in the same order").hasSameBinaryContentAs(before);
		try (TestStore store = TestStore.start(divided, FOUR)) {
			Api api = Api.on(store);
			assertThat(api.contents("s7")).containsExactly("question 7", "answer 7");
			api.append("s7", message("more")).expect(201);
		}
		String back = TestPostgres.get().newDatabase();
		assertThat(Command.run(back, "import", "--from", export(divided, 4).toString(), "--" + ONE)
			.expect(0)
			.count("messages")).isEqualTo(2 * SESSIONS + 1);
	}

	private Path export(String database, int buckets) throws Exception {
		Path file = this.directory.resolve(buckets + ".ndjson");
		Command.run(database, "export", "--to", file.toString(), "--store.database.buckets=" + buckets).expect(0);
		assertThat(Files.size(file)).isPositive();
		return file;
	}

	private static void fill(Api api) {
		for (int i = 0; i < SESSIONS; i++) {
			api.create(json("{'session_id':'s" + i + "','owner':'o','labels':{'l':'" + i % 10 + "'}}")).expect(201);
			api.takeTurn("s" + i, "{\"messages\":[" + message("question " + i) + "," + message("answer " + i) + "],"
					+ json("'agent_switch':{'to_agent':'a'}}"))
				.expect(201);
		}
	}

	private static List<String> ids(Api api, String list) {
		return api.walk(list)
			.stream()
			.flatMap((page) -> page.data().stream())
			.map((each) -> each.path("session_id").stringValue())
			.toList();
	}

	private static List<String> reversed(List<String> names) {
		List<String> reversed = new ArrayList<>(names);
		Collections.reverse(reversed);
		return reversed;
	}

	private static long number(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
			rows.next();
			return rows.getLong("n");
		}
	}

}
