package dev.agentsessions.exactness;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import dev.agentsessions.exactness.StoreClient.Answer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A database that answers nobody, and one that comes back: callers are told soon, and
 * served again soon.
 */
class FrozenDatabaseIT {

	private static final Duration TOLD = Duration.ofSeconds(5);

	private static final Duration SERVED = Duration.ofSeconds(2);

	private static final String SESSION = "/v1/sessions/frozen";

	private static final Map<String, String> MESSAGE = Map.of("role", "user", "content", "hello");

	/** One of each way to the database: both kinds of lanes, transactions, the pool. */
	private static final List<Request> REQUESTS = List.of(
			(client, replica) -> client.post(replica, SESSION + "/messages", MESSAGE),
			(client, replica) -> client.post(replica, SESSION + "/turns", Map.of("messages", List.of(MESSAGE))),
			(client, replica) -> client.post(replica, SESSION + "/agent-switches", Map.of("to_agent", "a")),
			(client, replica) -> client.get(replica, SESSION),
			(client, replica) -> client.get(replica, SESSION + "/messages?page=1"),
			(client, replica) -> client.get(replica, SESSION + "/history"),
			(client, replica) -> client.get(replica, SESSION + "/agent-context"),
			(client, replica) -> client.get(replica, "/v1/sessions?limit=3"));

	private static final StoreClient client = new StoreClient();

	private static OwnPostgres database;

	private static Replica replica;

	@BeforeAll
	static void start() throws IOException {
		String given = System.getenv("TEST_DATABASE_URL");
		Assumptions.assumeTrue((given == null || given.isBlank()) && OwnPostgres.isPossible(),
				"needs a server of its own");
		database = OwnPostgres.start();
		replica = Replica.start("frozen", database.url());
		for (int write = 0; write < 3; write++) {
			REQUESTS.get(write).send(client, replica);
		}
		assertThat(answers(2)).as("before").filteredOn(Timed::isNotGood).isEmpty();
	}

	@AfterAll
	static void stop() throws IOException {
		if (replica != null) {
			replica.close();
		}
		if (database != null) {
			database.close();
		}
	}

	@Test
	void whileTheDatabaseIsFrozenEverybodyIsToldSoonAndAfterwardsServedSoon() throws IOException {
		database.freeze();
		try {
			// the second round meets lanes and pool as the first has left them
			for (int round = 0; round < 2; round++) {
				assertThat(answers(6)).as("round " + round).filteredOn(Timed::isNotBusySoon).isEmpty();
			}
			isAliveButNotReady();
		}
		finally {
			database.thaw();
		}
		isServedSoon();
	}

	@Test
	void afterARestartOfTheDatabaseEverybodyIsServedSoon() throws IOException {
		database.stop();
		assertThat(answers(6)).filteredOn(Timed::isNotBusySoon).isEmpty();
		isAliveButNotReady();
		database.restart();
		isServedSoon();
	}

	/** As one is to which a name leads for a while after a failover. */
	@Test
	void aStandbyIsNotTakenForTheDatabase() throws IOException, SQLException {
		database.stop();
		database.restartAsStandby();
		try {
			isAliveButNotReady();
			assertThat(answers(2)).filteredOn(Timed::isNotBusySoon).isEmpty();
		}
		finally {
			database.promote();
		}
		isServedSoon();
	}

	/** The first one within the time, each kind soon after that, and then everybody. */
	private static void isServedSoon() {
		long start = System.nanoTime();
		Duration most = SERVED;
		for (Request request : REQUESTS) {
			Awaitility.await("served again")
				.atMost(most)
				.pollInterval(Duration.ofMillis(20))
				.until(() -> request.send(client, replica).status() < 300);
			System.out.println("frozen database: served after " + Duration.ofNanos(System.nanoTime() - start));
			most = TOLD;
		}
		assertThat(answers(10)).as("when it is back").filteredOn(Timed::isNotGood).isEmpty();
		awaitReadiness(200);
	}

	private static void isAliveButNotReady() throws IOException {
		awaitReadiness(503);
		assertThat(client.get(replica, "/livez").status()).isEqualTo(200);
	}

	private static void awaitReadiness(int status) {
		Awaitility.await("readiness " + status)
			.atMost(TOLD)
			.pollInterval(Duration.ofMillis(50))
			.until(() -> client.get(replica, "/readyz").status() == status);
	}

	/** The answers to as many requests of all kinds at once. */
	private static List<Timed> answers(int each) {
		List<CompletableFuture<Timed>> answers = IntStream.range(0, each * REQUESTS.size())
			.mapToObj((i) -> later(REQUESTS.get(i % REQUESTS.size())))
			.toList();
		List<Timed> all = answers.stream().map(CompletableFuture::join).toList();
		System.out.println("frozen database: " + all.size() + " answers, the last after "
				+ all.stream().map(Timed::took).max(Duration::compareTo).orElseThrow());
		return all;
	}

	private static CompletableFuture<Timed> later(Request request) {
		CompletableFuture<Timed> timed = new CompletableFuture<>();
		new Thread(() -> {
			long start = System.nanoTime();
			try {
				timed.complete(new Timed(request.send(client, replica), Duration.ofNanos(System.nanoTime() - start)));
			}
			catch (IOException | RuntimeException ex) {
				timed.completeExceptionally(ex);
			}
		}).start();
		return timed;
	}

	/** Something to ask. */
	private interface Request {

		Answer send(StoreClient client, Replica replica) throws IOException;

	}

	/** An answer and how long it took. */
	private record Timed(Answer answer, Duration took) {

		boolean isNotGood() {
			return this.answer.status() != 200 && this.answer.status() != 201;
		}

		boolean isNotBusySoon() {
			return this.answer.status() != 503 || this.took.compareTo(TOLD) > 0
					|| !this.answer.header("Content-Type").equals("application/problem+json")
					|| this.answer.header("Retry-After").isEmpty();
		}

	}

}
