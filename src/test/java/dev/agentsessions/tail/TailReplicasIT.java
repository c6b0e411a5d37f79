package dev.agentsessions.tail;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.stream.Stream;

import dev.agentsessions.Api;
import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.tail.Follower.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is written on one replica and followed on another, with and without wake-ups.
 */
class TailReplicasIT {

	private final TestStore writer = TestStore.on(Engine.POSTGRESQL);

	private final TwoReplicas replicas = new TwoReplicas(this.writer, TestStore.start(this.writer.databaseUrl()));

	private final Api api = Api.on(this.writer);

	@AfterEach
	void stop() {
		this.replicas.reader().close();
	}

	@Test
	void everythingThatHappensToASessionArrivesByAHint() {
		String session = this.api.sessionOf(1);
		try (Follower follower = this.replicas.follow(session)) {
			this.replicas.awaitHints(session, follower);
			double missed = this.replicas.hints("missed");
			int before = follower.events().size();
			this.api.append(session, message("one")).expect(201);
			this.api.makeSwitch(session, json("{'to_agent':'a'}")).expect(201);
			// one look at both would find the new history first
			follower.await(before + 2);
			this.api.save(session, message("new")).expect(200);
			follower.await(before + 4);
			this.api.softDelete(session);
			follower.awaitEnd();
			assertThat(follower.events().subList(before, follower.events().size())).extracting(Event::name)
				.containsExactly("message", "agent_switch", "history_replaced", "message", "session_deleted");
			assertThat(this.replicas.hints("missed")).isEqualTo(missed);
		}
	}

	@Test
	void aReplicaThatFollowsNothingIsNotWokenUp() {
		String session = this.api.sessionOf(1);
		try (Follower follower = this.replicas.follow(session)) {
			this.replicas.awaitHints(session, follower);
		}
		double received = this.replicas.hints("received");
		this.api.append(session, message("unheard")).expect(201);
		assertThat(this.replicas.hints("received")).isEqualTo(received);
	}

	@Test
	void aListenerThatIsCutOffComesBackAndMissesNothing() throws SQLException {
		String session = this.api.sessionOf(1);
		try (Follower follower = this.replicas.follow(session)) {
			for (int round = 1; round <= 5; round++) {
				execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name like"
						+ " 'agent-session-store %' and datname = current_database()");
				this.api.append(session, message("round " + round)).expect(201);
				assertThat(follower.await(round).get(round - 1).content()).isEqualTo("round " + round);
			}
		}
	}

	@Test
	void withoutAnyWakeUpATailIsLittleBehind() throws Exception {
		String session = this.api.sessionOf(1);
		try (Follower follower = this.replicas.follow(session)) {
			this.replicas.awaitHints(session, follower);
			int before = follower.events().size();
			// it is there and says nothing: no error would tell
			long[] listeners = listeners();
			signal("STOP", listeners);
			try {
				long start = System.nanoTime();
				this.api.append(session, message("unheard")).expect(201);
				assertThat(follower.await(before + 1).get(before).content()).isEqualTo("unheard");
				assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
			}
			finally {
				signal("CONT", listeners);
			}
		}
	}

	private long[] listeners() throws SQLException {
		try (Connection connection = TestPostgres.connect(this.writer.databaseUrl());
				Statement statement = connection.createStatement();
				ResultSet pids = statement.executeQuery("select pid from pg_stat_activity where application_name like"
						+ " 'agent-session-store %' and datname = current_database()")) {
			Stream.Builder<Long> found = Stream.builder();
			while (pids.next()) {
				found.add(pids.getLong(1));
			}
			return found.build().mapToLong(Long::longValue).toArray();
		}
	}

	private void execute(String sql) throws SQLException {
		try (Connection connection = TestPostgres.connect(this.writer.databaseUrl());
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private static void signal(String name, long... pids) throws Exception {
		for (long pid : pids) {
			new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
		}
	}

}
