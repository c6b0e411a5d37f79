package dev.agentsessions.retention;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import io.micrometer.core.instrument.MeterRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Three replicas that all run the job, and clients that want the sessions at the same
 * moment.
 */
class RetentionRaceIT {

	private static final List<TestStore> replicas = new ArrayList<>();

	private static Tables tables;

	private static List<Api> apis;

	@BeforeAll
	static void start() {
		String database = TestStore.newDatabase(Engine.POSTGRESQL);
		for (int n = 0; n < 3; n++) {
			replicas.add(TestStore.start(List.of(new RetentionPace(5, Duration.ZERO, Duration.ofMillis(10))), database,
					"store.database.request-timeout=40s"));
		}
		tables = Tables.of(replicas.get(0));
		apis = replicas.stream().map(Api::on).toList();
	}

	@AfterAll
	static void stop() {
		replicas.forEach(TestStore::close);
	}

	@BeforeEach
	void beginEmpty() {
		tables.update("delete from sessions");
	}

	@Test
	void eachSessionLeavesOnceWhicheverReplicaTakesIt() {
		tables.update("""
				insert into sessions (session_id, last_activity, last_seq)
				select 'idle ' || n, now() - interval '2 days', 2 from generate_series(1, 500) n
				""");
		tables.update("""
				insert into sessions (session_id, is_active, deleted_at, last_seq)
				select 'old ' || n, false, now() - interval '31 days', 4 from generate_series(1, 500) n
				""");
		tables.update("""
				insert into messages (session_db_id, seq, role, content)
				select s.id, n, 'user', 'hello' from sessions s cross join lateral generate_series(1, s.last_seq) n
				""");
		double sessions = removed("session_removed");
		double messages = removed("message_removed");
		List<RetentionRun> runs = Api.together(3, (n) -> run(replicas.get(n)));
		assertThat(runs).allMatch(RetentionRun::succeeded);
		assertThat(runs.stream().mapToLong(RetentionRun::cleaned).sum()).isEqualTo(500);
		assertThat(runs.stream().mapToLong(RetentionRun::deleted).sum()).isEqualTo(500);
		assertThat(runs.stream().mapToLong(RetentionRun::messages).sum()).isEqualTo(2000);
		Awaitility.await("what was purged is removed")
			.atMost(Duration.ofSeconds(60))
			.until(() -> tables.count("sessions") == 500);
		assertThat(tables.count("messages")).isEqualTo(1000);
		Awaitility.await("all sweeps have counted")
			.untilAsserted(() -> assertThat(removed("session_removed") - sessions).isEqualTo(500));
		assertThat(removed("message_removed") - messages).isEqualTo(2000);
	}

	@Test
	void threeReplicasRemoveALargeSessionTogetherRowForRow() {
		tables.update("insert into sessions (session_id, last_seq) values ('large', 3000)");
		tables.update("""
				insert into messages (session_db_id, seq, role, content)
				select id, n, 'user', 'hello' from sessions, generate_series(1, 3000) n
				""");
		double messages = removed("message_removed");
		apis.get(1).delete(SESSION + "?soft=false", "large").expect(204);
		Awaitility.await("it is removed").atMost(Duration.ofSeconds(60)).until(() -> tables.count("sessions") == 0);
		assertThat(tables.parts()).isZero();
		Awaitility.await("all sweeps have counted")
			.untilAsserted(() -> assertThat(removed("message_removed") - messages).isEqualTo(3000));
	}

	// the job and a writer

	@Test
	void anAppendThatWaitsForTheJobWritesNothing() throws SQLException {
		String session = idle();
		Answer answer = whileUncommitted(sql().deleteIdle(false), 86_400, true,
				() -> apis.get(1).append(session, message("too late")));
		answer.problem(410, "session-deleted");
		apis.get(2).post(SESSION + "/restore", session).send().expect(200);
		assertThat(apis.get(0).contents(session)).containsExactly("1");
	}

	@Test
	void theJobPassesOverASessionThatIsBeingWrittenTo() throws SQLException {
		String session = idle();
		RetentionRun run = whileUncommitted("update sessions set last_activity = now() where session_id = '" + session
				+ "' returning id, session_id", 0, false, () -> run(replicas.get(1)));
		assertThat(run.cleaned()).isZero();
		assertThat(run(replicas.get(2)).cleaned()).isZero();
		assertThat(apis.get(0).contents(session)).containsExactly("1");
	}

	@Test
	void activityBetweenChoosingAndDeletingSavesTheSession() throws Exception {
		String session = idle();
		String other = idle();
		int taken = whileChoosing(sql().deleteIdle(false), "is_active and", 86_400,
				() -> apis.get(1).append(session, message("2")).expect(201));
		assertThat(taken).as("the other one, which nobody wrote to").isEqualTo(1);
		assertThat(apis.get(2).contents(session)).containsExactly("1", "2");
		apis.get(2).get(SESSION, other).problem(410, "session-deleted");
	}

	@Test
	void anAppendAndTheJobLeaveTheMessageAndAnActiveSessionOrNeither() {
		race(RetentionRaceIT::idle, (api, session) -> api.append(session, message("2")), Set.of(201, 410),
				(session, status) -> {
					if (status == 201) {
						assertThat(apis.get(0).contents(session)).containsExactly("1", "2");
						assertThat(apis.get(1).session(session).path("is_active").booleanValue()).isTrue();
					}
					else {
						apis.get(0).post(SESSION + "/restore", session).send().expect(200);
						assertThat(apis.get(0).contents(session)).containsExactly("1");
					}
				});
	}

	// the job and somebody who wants a session back

	@Test
	void aRestoreThatWaitsForThePurgeFindsNothing() throws SQLException {
		String session = old();
		whileUncommitted(sql().purge(false), 30 * 86_400, true,
				() -> apis.get(1).post(SESSION + "/restore", session).send())
			.problem(404, "session-not-found");
		apis.get(2).get(SESSION + "?include_deleted=true", session).problem(404, "session-not-found");
	}

	@Test
	void theJobPassesOverASessionThatIsBeingRestored() throws SQLException {
		String session = old();
		RetentionRun run = whileUncommitted(
				"update sessions set deleted_at = null, is_active = true,"
						+ " last_activity = now() where session_id = '" + session + "' returning id, session_id",
				0, false, () -> run(replicas.get(1)));
		assertThat(run.deleted()).isZero();
		assertThat(run(replicas.get(2)).deleted()).isZero();
		assertThat(apis.get(0).contents(session)).containsExactly("1");
	}

	@Test
	void thePurgeLooksAgainForASessionThatIsOnlyBeingIndexed() throws SQLException {
		String session = old();
		CompletableFuture<RetentionRun> run = new CompletableFuture<>();
		whileUncommitted("select id, session_id from sessions where session_id = '" + session + "' for key share", 0,
				false, () -> {
					run.completeAsync(() -> run(replicas.get(1)));
					Awaitility.await("it has looked what is left")
						.pollInterval(Duration.ofMillis(5))
						.until(() -> tables.count("pg_stat_activity where datname = current_database()"
								+ " and query like 'select id from sessions where deleted_at%'"
								+ " and query_start > (select xact_start from pg_stat_activity"
								+ " where query like '% for key share' and state = 'idle in transaction')") > 0);
					return run.isDone();
				});
		assertThat(run.join().deleted()).isEqualTo(1);
	}

	@Test
	void aRestoreBetweenChoosingAndPurgingSavesTheSession() throws Exception {
		String session = old();
		String other = old();
		int taken = whileChoosing(sql().purge(false), "deleted_at <", 30 * 86_400,
				() -> apis.get(1).post(SESSION + "/restore", session).send().expect(200));
		assertThat(taken).isEqualTo(1);
		assertThat(apis.get(2).contents(session)).containsExactly("1");
		apis.get(2).get(SESSION + "?include_deleted=true", other).problem(404, "session-not-found");
	}

	@Test
	void aRestoreAndThePurgeLeaveEverythingOrNothing() {
		race(RetentionRaceIT::old, (api, session) -> api.post(SESSION + "/restore", session).send(), Set.of(200, 404),
				(session, status) -> {
					if (status == 200) {
						assertThat(apis.get(0).contents(session)).containsExactly("1");
					}
					else {
						apis.get(0).get(SESSION + "?include_deleted=true", session).problem(404, "session-not-found");
					}
				});
		Awaitility.await("the purged ones are removed")
			.until(() -> tables.count("sessions where tenant = '~purged'") == 0);
	}

	@Test
	void whoAppendsWhileASessionIsDeletedForGoodWritesToTheOldOrToANewOne() throws SQLException {
		String session = idle();
		Answer answer = whileUncommitted("""
				update sessions set tenant = '~purged', session_id = cast(id as varchar) returning id, session_id
				""", 0, true, () -> apis.get(1).append(session, message("anew")));
		assertThat(answer.expect(201).json().path("last_seq").longValue()).isEqualTo(1);
		assertThat(apis.get(2).contents(session)).containsExactly("anew");
	}

	/**
	 * Lets clients and three jobs loose on sessions, again and again until the clients
	 * have seen both outcomes.
	 */
	private static void race(Supplier<String> make, BiFunction<Api, String, Answer> ask, Set<Integer> outcomes,
			BiConsumer<String, Integer> check) {
		Set<Integer> seen = new TreeSet<>();
		for (int round = 0; round < 60 && !seen.equals(outcomes); round++) {
			List<String> sessions = IntStream.range(0, 12).mapToObj((n) -> make.get()).toList();
			List<Integer> statuses = Api.together(15, (n) -> {
				if (n >= 12) {
					run(replicas.get(n - 12));
					return 0;
				}
				return ask.apply(apis.get(n % 3), sessions.get(n)).status();
			});
			for (int n = 0; n < 12; n++) {
				check.accept(sessions.get(n), statuses.get(n));
				seen.add(statuses.get(n));
			}
		}
		assertThat(seen).isEqualTo(new TreeSet<>(outcomes));
	}

	/** Does something while a statement has been carried out, but not committed. */
	private static <T> T whileUncommitted(String sql, int seconds, boolean waits, Supplier<T> something)
			throws SQLException {
		try (Connection connection = TestPostgres.connect(replicas.get(0).databaseUrl());
				Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			try (ResultSet rows = statement.executeQuery(values(sql, seconds))) {
				assertThat(rows.next()).as("the statement has taken the session").isTrue();
			}
			CompletableFuture<T> done = CompletableFuture.supplyAsync(something);
			if (waits) {
				awaitWaiting("agent-session-store");
			}
			else {
				done.join();
			}
			connection.commit();
			return done.join();
		}
	}

	private static String values(String sql, int seconds) {
		return sql.replace(":seconds", Integer.toString(seconds))
			.replace(":since", "'0001-01-01'")
			.replace(":through", "now()")
			.replace(":most", "5");
	}

	/**
	 * Does something while a statement looks at the first row that it might take; how
	 * many rows it has taken after all.
	 * @param condition in front of which the statement is made to wait
	 */
	private static int whileChoosing(String sql, String condition, int seconds, Runnable something) throws Exception {
		String waiting = sql.replace("where " + condition,
				"where pg_advisory_xact_lock(4711) is not null and " + condition);
		assertThat(waiting).isNotEqualTo(sql);
		try (Connection holder = TestPostgres.connect(replicas.get(0).databaseUrl());
				Connection connection = TestPostgres.connect(replicas.get(0).databaseUrl())) {
			holder.setAutoCommit(false);
			holder.createStatement().execute("select pg_advisory_xact_lock(4711)");
			connection.createStatement().execute("set application_name = 'chooser'");
			CompletableFuture<Integer> taken = CompletableFuture
				.supplyAsync(() -> count(connection, values(waiting, seconds)));
			awaitWaiting("chooser");
			something.run();
			holder.commit();
			return taken.join();
		}
	}

	private static int count(Connection connection, String sql) {
		try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
			int count = 0;
			while (rows.next()) {
				count++;
			}
			return count;
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void awaitWaiting(String application) {
		Awaitility.await(application + " waits for a lock")
			.pollInterval(Duration.ofMillis(5))
			.until(() -> tables.count("pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
					+ " and application_name = '" + application + "'") == 1);
	}

	private static RetentionRun run(TestStore replica) {
		RetentionRun run = replica.bean(RetentionJob.class).run().block(Duration.ofSeconds(60));
		assertThat(run).isNotNull();
		return run;
	}

	private static RetentionRepository sql() {
		return replicas.get(0).bean(RetentionRepository.class);
	}

	/** What all replicas together have counted. */
	private static double removed(String kind) {
		return replicas.stream()
			.mapToDouble((
					replica) -> replica.bean(MeterRegistry.class).counter("store.retention.rows", "kind", kind).count())
			.sum();
	}

	private static String idle() {
		String session = apis.get(0).sessionOf(1);
		tables.idle(session, 25);
		return session;
	}

	private static String old() {
		String session = apis.get(0).sessionOf(1);
		apis.get(0).softDelete(session);
		tables.deleted(session, 31);
		return session;
	}

}
