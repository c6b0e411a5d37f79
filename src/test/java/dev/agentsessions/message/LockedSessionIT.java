package dev.agentsessions.message;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes of the others in a lane when somebody holds the row of one session, such
 * as an administrator who forgot to commit.
 */
class LockedSessionIT {

	private static final Duration SOON = Duration.ofMillis(2500);

	private static TestStore store;

	private static Api api;

	@BeforeAll
	static void start() {
		store = TestStore.start(TestStore.newDatabase(Engine.POSTGRESQL), "management.server.port=0",
				"store.lanes.writers=1");
		api = Api.on(store);
	}

	@AfterAll
	static void stop() {
		store.close();
	}

	@Test
	void aLockedSessionIsRefusedAndHoldsUpNobodyElseForLong() throws SQLException {
		List<String> sessions = IntStream.range(0, 24).mapToObj((i) -> api.sessionOf(1)).toList();
		everybody(sessions).forEach((timed) -> timed.answer.expect(201));
		try (Connection locking = lock(sessions.get(0))) {
			for (int round = 0; round < 2; round++) {
				everybody(sessions).forEach((timed) -> timed.check(sessions.get(0)));
			}
			locking.rollback();
		}
		api.append(sessions.get(0), message("free again")).expect(201);
		assertThat(api.contents(sessions.get(0))).containsExactly("1", "hi", "hi", "free again");
		assertThat(sessions.subList(1, 24)).allSatisfy((session) -> assertThat(api.contents(session)).hasSize(7));
	}

	@Test
	void aSessionThatWasNotFoundLockedBeforeIsWaitedFor() throws SQLException {
		String session = api.sessionOf(1);
		try (Connection locking = lock(session)) {
			Timed first = write(session, 0);
			assertThat(first.answer.status()).isEqualTo(503);
			assertThat(first.took).isGreaterThan(Duration.ofMillis(900));
			Timed second = write(session, 0);
			assertThat(second.answer.status()).isEqualTo(503);
			assertThat(second.took).isLessThan(Duration.ofMillis(900));
			locking.rollback();
		}
		String other = api.sessionOf(1);
		try (Connection locking = lock(other)) {
			assertThat(write(other, 0).took).isGreaterThan(Duration.ofMillis(900));
			locking.rollback();
		}
	}

	private static List<Timed> everybody(List<String> sessions) {
		return Api.together(sessions.size() * 2, (i) -> write(sessions.get(i % sessions.size()), i));
	}

	private static Connection lock(String session) throws SQLException {
		Connection locking = TestPostgres.connect(store.databaseUrl());
		locking.setAutoCommit(false);
		locking.createStatement().execute("select 1 from sessions where session_id = '" + session + "' for update");
		return locking;
	}

	/** An append, or now and then a turn, which has a transaction of its own. */
	private static Timed write(String session, int number) {
		long start = System.nanoTime();
		Answer answer = (number % 8 == 0) ? api.takeTurn(session, "{\"messages\":[" + message("hi") + "]}")
				: api.append(session, message("hi"));
		return new Timed(session, answer, Duration.ofNanos(System.nanoTime() - start));
	}

	private record Timed(String session, Answer answer, Duration took) {

		void check(String locked) {
			assertThat(this.took).isLessThan(SOON);
			if (this.session.equals(locked)) {
				this.answer.problem(503, "busy");
			}
			else {
				this.answer.expect(201);
			}
		}

	}

}
