package dev.agentsessions.exactness;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

import dev.agentsessions.exactness.StoreClient.Answer;
import org.awaitility.Awaitility;

/**
 * What goes wrong around the clients, one after the other, in any order. After each, all
 * replicas have to take writes again.
 */
final class Faults {

	private static final Duration RECOVERY = Duration.ofSeconds(15);

	private final Arena arena;

	private final TestedDatabase database;

	private final Random random;

	private final Duration longestPause;

	private int probes;

	Faults(Arena arena, TestedDatabase database, RunSize size) {
		this.arena = arena;
		this.database = database;
		this.random = new Random(size.seed());
		// long enough to lose transactions, when there is the time for it
		this.longestPause = (size.load().toSeconds() < 30) ? Duration.ofSeconds(1) : Duration.ofSeconds(7);
	}

	/** Each once. */
	void round() throws IOException, SQLException {
		Map<String, Fault> faults = Map.of("killed a replica", this::killReplica, "crashed the database",
				this::crashDatabase, "broke all connections", this.database::terminateConnections, "paused a replica",
				this::pauseReplica, "replaced all replicas", this::replaceReplicas);
		List<String> names = new ArrayList<>(new TreeSet<>(faults.keySet()));
		Collections.shuffle(names, this.random);
		for (String name : names) {
			long start = System.nanoTime();
			faults.get(name).strike();
			long over = System.nanoTime();
			this.arena.replicas().forEach(this::awaitWrites);
			System.out.printf("exactness: %s for %d ms, writes again after %d ms%n", name, (over - start) / 1_000_000,
					(System.nanoTime() - over) / 1_000_000);
			this.arena.ledger().count(name);
		}
	}

	private void killReplica() throws IOException {
		Replica replica = this.arena.anyReplica(this.random);
		replica.kill();
		replica.restart();
	}

	/** A rollout: one after the other, the next when the one before is ready again. */
	private void replaceReplicas() throws IOException {
		for (Replica replica : this.arena.replicas()) {
			replica.terminate();
			replica.restart();
		}
	}

	private void crashDatabase() throws IOException {
		this.database.crash();
	}

	private void pauseReplica() throws IOException {
		Replica replica = this.arena.anyReplica(this.random);
		replica.pause();
		LockSupport.parkNanos((long) (this.longestPause.toNanos() * (1 + this.random.nextDouble()) / 2));
		replica.resume();
	}

	/** Several in a row, so that there is calm between two faults. */
	private void awaitWrites(Replica replica) {
		for (int i = 0; i < 5; i++) {
			Awaitility.await(replica + " takes writes again")
				.atMost(RECOVERY)
				.pollInterval(Duration.ofMillis(20))
				.ignoreExceptionsInstanceOf(IOException.class)
				.until(() -> takesWrites(replica));
		}
	}

	private boolean takesWrites(Replica replica) throws IOException {
		Answer answer = this.arena.client()
			.post(replica, "/v1/sessions/probe-" + replica + "-" + ++this.probes + "/messages",
					Map.of("role", "user", "content", "probe"));
		return answer.status() == 201;
	}

	/** Something that goes wrong. */
	private interface Fault {

		void strike() throws IOException, SQLException;

	}

}
