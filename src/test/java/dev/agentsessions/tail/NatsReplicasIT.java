package dev.agentsessions.tail;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.regex.Pattern;

import dev.agentsessions.Api;
import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.tail.Follower.Event;
import dev.agentsessions.tail.wakeup.NatsServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Replicas that tell each other by NATS, while it is there and while it is not.
 */
@ExtendWith(OutputCaptureExtension.class)
class NatsReplicasIT {

	/** A tail that is told nothing is at most this far behind. */
	private static final Duration BEHIND = Duration.ofSeconds(2);

	private final NatsServer nats = NatsServer.absent("--user", "replica", "--pass", "sekret");

	private final String database = TestStore.newDatabase(Engine.POSTGRESQL);

	private TwoReplicas replicas;

	private Api api;

	NatsReplicasIT() throws IOException {
	}

	private void startStores() {
		this.replicas = new TwoReplicas(startStore("sekret"), startStore("sekret"));
		this.api = Api.on(this.replicas.writer());
	}

	private TestStore startStore(String password) {
		return startStore(this.database, password);
	}

	private TestStore startStore(String database, String password) {
		return TestStore.start(database, "store.tails.wake-ups=nats",
				"store.tails.nats-url=" + this.nats.url().replace("//", "//replica:" + password + "@"));
	}

	@AfterEach
	void stop() throws InterruptedException {
		if (this.replicas != null) {
			this.replicas.reader().close();
			this.replicas.writer().close();
		}
		this.nats.close();
	}

	@Test
	void everythingThatHappensToASessionArrivesByAHint() throws Exception {
		this.nats.launch();
		startStores();
		String session = this.api.sessionOf(1);
		try (Follower follower = this.replicas.follow(session)) {
			this.replicas.awaitHints(session, follower);
			double missed = this.replicas.hints("missed");
			int before = follower.events().size();
			this.api.append(session, message("one")).expect(201);
			this.api.makeSwitch(session, json("{'to_agent':'a'}")).expect(201);
			follower.await(before + 2);
			this.api.softDelete(session);
			follower.awaitEnd();
			assertThat(follower.events().subList(before, follower.events().size())).extracting(Event::name)
				.containsExactly("message", "agent_switch", "session_deleted");
			assertThat(this.replicas.hints("missed")).isEqualTo(missed);
		}
		assertThat(listeners()).as("connections that wait for NOTIFY").isZero();
	}

	@Test
	void aDraftIsToldOnAnotherReplica() throws Exception {
		this.nats.launch();
		startStores();
		String session = this.api.sessionOf(1);
		try (Follower follower = this.replicas.follow(session, "?drafts=true");
				DraftRequest draft = DraftRequest.to(this.replicas.writer().uri(), session, "a", "")) {
			StringBuilder said = new StringBuilder();
			for (int i = 0; i < 10; i++) {
				draft.say("piece " + i + ", ");
				said.append("piece ").append(i).append(", ");
				Awaitility.await()
					.untilAsserted(() -> assertThat(DraftContractTest.texts(follower, "a")).isEqualTo(said.toString()));
			}
			draft.line(json("{'message':{'role':'assistant','content':'whole'}}")).expect(201);
			assertThat(follower.await((event) -> event.name().equals("message")).content()).isEqualTo("whole");
		}
	}

	@Test
	void whileNatsIsAwayTailsAreLittleBehindAndThenLiveAgain(CapturedOutput output) throws Exception {
		this.nats.launch();
		startStores();
		String session = this.api.sessionOf(1);
		try (Follower follower = this.replicas.follow(session)) {
			for (int round = 1; round <= 2; round++) {
				this.replicas.awaitHints(session, follower);
				this.nats.kill();
				assertThatAppendsArrive(session, follower);
				this.nats.launch();
			}
			this.replicas.awaitHints(session, follower);
		}
		// of two replicas, twice
		assertThat(count(output, "Replicas can't tell each other of changes by " + this.nats.url())).isEqualTo(4);
		assertThat(count(output, "Replicas tell each other of changes by " + this.nats.url() + " again")).isEqualTo(4);
		assertThat(output).doesNotContain("sekret");
	}

	@Test
	void aNatsThatSaysNothingIsLikeOneThatIsAway() throws Exception {
		this.nats.launch();
		startStores();
		String session = this.api.sessionOf(1);
		try (Follower follower = this.replicas.follow(session)) {
			this.replicas.awaitHints(session, follower);
			this.nats.freeze();
			assertThatAppendsArrive(session, follower);
			this.nats.thaw();
			this.replicas.awaitHints(session, follower);
		}
	}

	@Test
	void natsMayComeAfterTheReplicas(CapturedOutput output) throws Exception {
		startStores();
		String session = this.api.sessionOf(1);
		try (Follower follower = this.replicas.follow(session)) {
			assertThatAppendsArrive(session, follower);
			this.api.get("/readyz").expect(200);
			this.nats.launch();
			this.replicas.awaitHints(session, follower);
		}
		assertThat(count(output, "(NATS did not answer)")).isEqualTo(2);
		assertThat(output).doesNotContain("sekret");
	}

	@Test
	void aWrongPasswordIsSaidInOneLine(CapturedOutput output) throws Exception {
		this.nats.launch();
		try (TestStore store = startStore("geheim")) {
			Awaitility.await().until(() -> count(output, "(NATS refuses user and password)") > 0);
			Api.on(store).sessionOf(1);
		}
		assertThat(count(output, "(NATS refuses user and password)")).isOne();
		assertThat(output).doesNotContain("geheim");
	}

	@Test
	void otherStoresOnTheSameServerAreNotHeard() throws Exception {
		this.nats.launch();
		startStores();
		String session = this.api.sessionOf(1);
		try (TestStore other = startStore(TestStore.newDatabase(Engine.POSTGRESQL), "sekret")) {
			Api.on(other).append(session, message("a session of the same name")).expect(201);
			TwoReplicas others = new TwoReplicas(other, other);
			try (Follower there = others.follow(session); Follower follower = this.replicas.follow(session)) {
				this.replicas.awaitHints(session, follower);
				assertThat(others.hints("received")).isZero();
				assertThat(there.events()).isEmpty();
			}
		}
	}

	/** No append fails, and none is told late. */
	private void assertThatAppendsArrive(String session, Follower follower) {
		for (int i = 0; i < 3; i++) {
			int before = follower.events().size();
			long start = System.nanoTime();
			this.api.append(session, message("unheard " + i)).expect(201);
			assertThat(follower.await(before + 1).get(before).content()).isEqualTo("unheard " + i);
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(BEHIND);
		}
	}

	private long listeners() throws SQLException {
		try (Connection connection = TestPostgres.connect(this.database);
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("select count(*) from pg_stat_activity where application_name"
						+ " like 'agent-session-store %' and datname = current_database()")) {
			row.next();
			return row.getLong(1);
		}
	}

	private static int count(CapturedOutput output, String text) {
		return output.getAll().split(Pattern.quote(text), -1).length - 1;
	}

}
