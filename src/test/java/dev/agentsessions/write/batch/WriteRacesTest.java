package dev.agentsessions.write.batch;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import dev.agentsessions.Api;
import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.database.lane.operation.Answer;
import dev.agentsessions.database.lane.operation.LaneOperation;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.message.TestMessages;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.session.ChangedDetails;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.write.IdempotencyKey;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Writes;
import dev.agentsessions.write.Written;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * A batch beside another connection that writes to the same session, as another replica
 * does: at each point where PostgreSQL would show the batch what was before.
 */
class WriteRacesTest {

	private static final String ROW = "(select id from sessions where session_id = '%1$s')";

	private final TestStore store = TestStore.on(Engine.POSTGRESQL);

	private final Api api = Api.on(this.store);

	private final String session = this.api.sessionOf(1);

	private Connection other;

	@BeforeEach
	void connect() throws SQLException {
		this.other = TestPostgres.connect(this.store.databaseUrl());
		this.other.setAutoCommit(false);
	}

	@AfterEach
	void disconnect() throws SQLException {
		this.other.close();
	}

	@Test
	void aSwitchNamesTheAgentOfNowAndNotOfBeforeItWaited() throws SQLException {
		write(agentSwitch("before")).join();
		execute("update sessions set last_switch_no = last_switch_no + 1 where session_id = '%1$s'");
		execute("update agent_contexts set current_agent = 'other' where session_db_id = " + ROW);
		CompletableFuture<Written> waiting = write(agentSwitch("mine"));
		awaitWaiting();
		this.other.commit();
		assertThat(waiting.join().agentSwitch().json()).contains("\"from_agent\":\"other\"")
			.contains("\"switch_no\":3");
	}

	@Test
	void aSwitchOfASessionThatGotItsFirstAgentMeanwhileFindsIt() throws SQLException {
		execute("update sessions set last_switch_no = 1 where session_id = '%1$s'");
		execute("""
				insert into agent_contexts (session_db_id, current_agent, created_at, updated_at, switch_count)
				values (%s, 'first', now(), now(), 1)""".formatted(ROW));
		CompletableFuture<Written> waiting = write(agentSwitch("mine"));
		awaitWaiting();
		this.other.commit();
		assertThat(waiting.join().agentSwitch().json()).contains("\"from_agent\":\"first\"");
	}

	@Test
	void aRetryThatWaitsForTheFirstTryIsAnsweredAsThatWas() throws SQLException {
		execute("update sessions set last_seq = 2 where session_id = '%1$s'");
		execute("insert into messages (session_db_id, seq, role, content) values (" + ROW + ", 2, 'user', 'one')");
		execute("""
				insert into append_keys (session_db_id, idempotency_key, fingerprint, first_seq, last_seq, created_at)
				values (%s, 'key', 'f', 2, 2, now())""".formatted(ROW));
		CompletableFuture<Written> waiting = write(
				Write.append(key(), List.of(message("one")), true, 1L, new IdempotencyKey("key", "f", () -> "")));
		awaitWaiting();
		this.other.commit();
		assertThat(waiting.join()).returns(true, Written::replayed).returns(2L, Written::firstSeq);
		assertThat(this.api.log(this.session)).hasSize(2);
	}

	@Test
	void aBatchNeitherWaitsForTheCheckOfAForeignKeyNorHoldsItUp() throws SQLException {
		execute("insert into append_keys (session_db_id, idempotency_key, fingerprint, last_seq, created_at) values ("
				+ ROW + ", 'other', 'f', 1, now())");
		assertThat(
				write(Write.append(key(), List.of(message("plain")), true, null, null)).orTimeout(5, TimeUnit.SECONDS)
					.join()
					.lastSeq())
			.isEqualTo(2);
		assertThat(write(agentSwitch("mine")).orTimeout(5, TimeUnit.SECONDS).join().replayed()).isFalse();
	}

	@Test
	void whoLosesTheRaceToCreateASessionGoesOnWithTheOthers() throws SQLException {
		String contested = Api.newId();
		execute("insert into sessions (tenant, session_id, last_seq) values ('default', '" + contested + "', 1)");
		execute("insert into messages (session_db_id, seq, role, content) select id, 1, 'user', 'theirs' from sessions"
				+ " where session_id = '" + contested + "'");
		SessionKey key = SessionKey.of("default", contested);
		CompletableFuture<Written> append = write(Write.append(key, List.of(message("mine")), true, null, null));
		CompletableFuture<Written> conditional = write(Write.append(key, List.of(message("never")), true, 0L, null));
		CompletableFuture<Written> create = write(Write.create(key, ChangedDetails.metadata(null)));
		awaitWaiting();
		this.other.commit();
		assertThat(append.join().lastSeq()).isEqualTo(2);
		assertRefused(conditional, "sequence-conflict");
		assertRefused(create, "session-exists");
		assertThat(this.api.log(contested)).hasSize(2);
	}

	@Test
	void aSessionThatIsDeletedWhileABatchWaitsIsDeleted() throws SQLException {
		execute("update sessions set deleted_at = now(), is_active = false where session_id = '%1$s'");
		CompletableFuture<Written> plain = write(Write.append(key(), List.of(message("late")), true, null, null));
		awaitWaiting();
		this.other.commit();
		assertRefused(plain, "session-deleted");
	}

	/**
	 * The driver then sends the statement again, and the COMMIT that was sent with the
	 * write is in between.
	 */
	@Test
	void aWriteWhoseStatementThePostgresOfThisConnectionHasForgottenIsDoneOnce() {
		List<String> agents = new ArrayList<>();
		for (int i = 0; i < 40; i++) {
			agents.add("agent" + i);
			if (i % 4 == 3) {
				forgetStatements((i % 8 == 3) ? "true" : "statement like '%insert into agent_switches%'");
			}
			write(agentSwitch("agent" + i)).join();
		}
		assertThat(this.api.switches(this.session)).extracting((each) -> each.path("to_agent").asString())
			.isEqualTo(agents);
	}

	private void forgetStatements(String which) {
		LaneOperation<String, String> forget = (connection, requests) -> connection.client()
			.sql("select string_agg('deallocate \"' || name || '\"', ';') as names from pg_prepared_statements where "
					+ which)
			.map((row) -> row.get("names", String.class))
			.one()
			.flatMap((all) -> connection.client().sql(all).then())
			.thenReturn(requests.stream().map(Answer::of).toList());
		this.store.bean(Lanes.class).write("default", key(), forget, which).block();
	}

	private static void assertRefused(CompletableFuture<Written> write, String type) {
		assertThatThrownBy(write::get).isInstanceOf(ExecutionException.class)
			.cause()
			.isInstanceOfSatisfying(ProblemException.class,
					(problem) -> assertThat(problem.problem().name()).isEqualTo(type));
	}

	private SessionKey key() {
		return SessionKey.of("default", this.session);
	}

	private Write agentSwitch(String agent) {
		return Write.agentSwitch(key(), new NewSwitch(null, agent, null, null, null), null);
	}

	private static NewMessage message(String content) {
		return TestMessages.text("user", content);
	}

	private CompletableFuture<Written> write(Write write) {
		return this.store.bean(Writes.class).write(write).toFuture();
	}

	private void awaitWaiting() {
		Awaitility.await("the lane waits for the other connection").until(() -> {
			try (Statement statement = this.other.createStatement();
					ResultSet rows = statement.executeQuery("select 1 from pg_stat_activity"
							+ " where pg_backend_pid() = any (pg_blocking_pids(pid))")) {
				return rows.next();
			}
		});
	}

	private void execute(String sql) throws SQLException {
		try (Statement statement = this.other.createStatement()) {
			statement.execute(sql.formatted(this.session));
		}
	}

}
