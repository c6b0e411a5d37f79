package dev.agentsessions.exactness;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.concurrent.locks.LockSupport;

import dev.agentsessions.exactness.SessionLedger.Fate;
import dev.agentsessions.exactness.StoreClient.Answer;
import org.awaitility.Awaitility;

/**
 * What goes wrong around the clients, one after the other, in any order. After each, all
 * replicas have to take writes again.
 */
final class Faults {

	/** What the sessions begin with that are written to once, after a fault. */
	static final String PROBE = "probe-";

	private static final Duration RECOVERY = Duration.ofSeconds(15);

	private final Arena arena;

	private final TestedDatabase database;

	private final DatabasePath path;

	private final Random random;

	private final Duration longestPause;

	private final boolean small;

	private final Pattern wanted;

	private int probes;

	Faults(Arena arena, TestedDatabase database, DatabasePath path, RunSize size) {
		this.arena = arena;
		this.database = database;
		this.path = path;
		this.random = new Random(size.seed());
		this.wanted = Pattern.compile(size.faults());
		// long enough to lose transactions, when there is the time for it
		this.small = size.load().toSeconds() < 30;
		this.longestPause = this.small ? Duration.ofSeconds(1) : Duration.ofSeconds(7);
	}

	/** Each once. */
	void round() throws IOException, SQLException {
		Map<String, Fault> faults = faults();
		List<String> names = new ArrayList<>(faults.keySet());
		Collections.shuffle(names, this.random);
		for (String name : names) {
			long start = System.nanoTime();
			faults.get(name).strike();
			long over = System.nanoTime();
			this.arena.replicas().forEach((replica) -> requireAlive(replica, name));
			this.arena.replicas().forEach(this::awaitWrites);
			System.out.printf("exactness: %s for %d ms, writes again after %d ms%n", name, (over - start) / 1_000_000,
					(System.nanoTime() - over) / 1_000_000);
			this.arena.ledger().count(name);
		}
	}

	private Map<String, Fault> faults() {
		Map<String, Fault> faults = new TreeMap<>();
		faults.put("killed a replica", this::killReplica);
		faults.put("crashed the database", this::crashDatabase);
		faults.put("broke all connections", this::breakConnections);
		faults.put("paused a replica", this::pauseReplica);
		faults.put("replaced all replicas", this::replaceReplicas);
		FaultyProxy proxy = this.path.proxy();
		faults.put("reset all connections", proxy::reset);
		faults.put("closed all connections on one side", () -> proxy.halfClose(Duration.ofMillis(500)));
		faults.put("cut all answers", () -> proxy.cut(this.random));
		faults.put("delayed everything", () -> proxy.delay(Duration.ofMillis(100), Duration.ofSeconds(1)));
		Pooler pooler = this.path.pooler();
		if (pooler != null) {
			faults.put("killed the pooler", pooler::killAndRestart);
			faults.put("paused the pooler", () -> {
				pooler.pause();
				LockSupport.parkNanos(this.longestPause.toNanos());
				pooler.resume();
			});
		}
		faults.keySet().removeIf((name) -> !this.wanted.matcher(name).find());
		if (faults.isEmpty()) {
			throw new IllegalArgumentException("No fault is called like " + this.wanted);
		}
		return faults;
	}

	/** Three times in a row, so that it also hits what has just begun to connect. */
	private void breakConnections() throws SQLException {
		for (int i = 0; i < 3; i++) {
			this.database.terminateConnections();
			LockSupport.parkNanos(this.random.nextInt(50_000_000));
		}
	}

	/** Whatever has happened to the database, and at once. */
	private void requireAlive(Replica replica, String fault) {
		long start = System.nanoTime();
		int status = this.arena.client().getLater(replica, "/livez").handle((answer, error) -> {
			return (error != null) ? 0 : answer.status();
		}).join();
		long millis = (System.nanoTime() - start) / 1_000_000;
		// a process that has just begun compiles what all clients ask it for at once; a
		// small run is over before that is done, and shares the machine with the suite
		boolean cold = this.small || fault.contains("replica");
		if (status != 200 || millis > (cold ? 10_000 : 1000)) {
			this.arena.ledger().violation(replica + " " + fault + ": /livez " + status + " after " + millis + " ms");
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
		String id = PROBE + replica + "-" + ++this.probes;
		Write write = new Write(id, Write.Kind.APPEND, id, List.of(new Sent(id)), null, null, null, null, false);
		Answer answer = this.arena.client().post(replica, write);
		if (answer.status() != 201) {
			return false;
		}
		Receipt receipt = Receipt.of(write, answer.json());
		SessionLedger session = this.arena.ledger().session(id);
		session.acknowledge(write, receipt);
		session.settle(write, Fate.DONE, receipt);
		return true;
	}

	/** Something that goes wrong. */
	private interface Fault {

		void strike() throws IOException, SQLException;

	}

}
