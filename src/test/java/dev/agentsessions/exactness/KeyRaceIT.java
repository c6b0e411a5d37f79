package dev.agentsessions.exactness;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.EntityExchangeResult;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One request that reaches two replicas at the same moment. Both of them wait for the
 * session, so neither sees in advance what the other is about to do.
 */
class KeyRaceIT {

	@Test
	void aConditionalAppendThatArrivesTwiceAtOnceIsDoneOnceAndAnsweredTwice() throws SQLException {
		TestStore first = TestStore.on(Engine.POSTGRESQL);
		try (TestStore second = TestStore.start(first.databaseUrl());
				Connection holder = TestPostgres.connect(first.databaseUrl());
				Statement statement = holder.createStatement()) {
			append(first, 0);
			// both have their connections, so that the race takes less than the lock's
			// time-out
			append(second, 1);
			holder.setAutoCommit(false);
			statement.execute("select * from sessions where session_id = 'raced' for update");
			List<CompletableFuture<EntityExchangeResult<byte[]>>> answers = Stream.of(first, second)
				.map((store) -> CompletableFuture.supplyAsync(() -> append(store, 2)))
				.toList();
			Awaitility.await("both wait for the session")
				.pollInterval(Duration.ofMillis(5))
				.until(() -> waiting(statement) == 2);
			holder.commit();
			assertThat(answers).extracting(CompletableFuture::join)
				.allSatisfy((answer) -> assertThat(answer.getStatus()).isEqualTo(HttpStatus.CREATED))
				.extracting((answer) -> answer.getResponseHeaders().getFirst("Idempotency-Replayed"))
				.containsExactlyInAnyOrder(null, "true");
		}
	}

	private static EntityExchangeResult<byte[]> append(TestStore store, long last) {
		return store.client()
			.post()
			.uri("/v1/sessions/raced/messages")
			.contentType(MediaType.APPLICATION_JSON)
			.header("Idempotency-Key", "key " + last)
			.header("If-Match", "\"" + last + "\"")
			.bodyValue("{\"role\":\"user\",\"content\":\"once\"}")
			.exchange()
			.expectBody()
			.returnResult();
	}

	private static int waiting(Statement statement) throws SQLException {
		try (ResultSet count = statement.executeQuery("select count(*) from pg_stat_activity where datname ="
				+ " current_database() and wait_event_type = 'Lock' and application_name = 'agent-session-store'")) {
			count.next();
			return count.getInt(1);
		}
	}

}
