package dev.agentsessions.write;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import dev.agentsessions.Api;
import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.message.TestMessages;
import dev.agentsessions.session.SessionKey;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What PostgreSQL records as the time of messages that many callers append in one
 * statement, some of them under a condition or with a key.
 */
class AppendTimesTest {

	private static final int CALLERS = 60;

	private final TestStore store = TestStore.on(Engine.POSTGRESQL);

	private final Api api = Api.on(this.store);

	@Test
	void timesNeverRunAgainstNumbers() throws SQLException {
		String session = this.api.sessionOf(1);
		List<CompletableFuture<Written>> appends = new ArrayList<>();
		try (Connection other = TestPostgres.connect(this.store.databaseUrl())) {
			other.setAutoCommit(false);
			execute(other, "select 1 from sessions where session_id = '" + session + "' for update");
			// the rest of them wait for this one, together
			appends.add(append(session, "first", null, null));
			Awaitility.await("the lane waits for the row").until(() -> isWaitedFor(other));
			for (int n = 0; n < CALLERS; n++) {
				appends.add(append(session, "keyed", null, "key " + n));
			}
			appends.add(append(session, "conditional", 2L + CALLERS, null));
			other.rollback();
			appends.forEach(CompletableFuture::join);
		}
		List<JsonNode> log = this.api.log(session);
		assertThat(log).hasSize(CALLERS + 3);
		assertThat(log.get(CALLERS + 2).path("content").stringValue()).as("decided on what those before it left")
			.isEqualTo("conditional");
		List<String> times = log.stream().map((each) -> each.path("timestamp").stringValue()).toList();
		assertThat(times).isSorted();
		assertThat(this.api.stats(session).path("last_message_at").stringValue())
			.isEqualTo(times.get(times.size() - 1));
	}

	private CompletableFuture<Written> append(String session, String content, @Nullable Long last,
			@Nullable String key) {
		NewMessage message = TestMessages.text("user", content);
		IdempotencyKey named = (key != null) ? new IdempotencyKey(key, "", () -> "") : null;
		return this.store.bean(Writes.class)
			.write(Write.append(SessionKey.of("default", session), List.of(message), true, last, named))
			.toFuture();
	}

	private static boolean isWaitedFor(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery(
						"select 1 from pg_stat_activity" + " where pg_backend_pid() = any (pg_blocking_pids(pid))")) {
			return rows.next();
		}
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
