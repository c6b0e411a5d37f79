package dev.agentsessions.exactness;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The promise of the store. <code>bench/exactness</code> runs it at any size.
 */
class ExactnessIT {

	/** What the load of a run must have had in it; else it shows nothing. */
	private static final String[] NEEDED = { "APPEND done", "TURN done", "SWITCH done", "replayed", "retries",
			"at once on both replicas", "asked again after the answer", "reset after everything was sent",
			"reset after a part was sent", "refused 412", "refused 409", "refused 422", "refused by an id",
			"history saved", "history replaced", "history read back", "POST answered 201", "PATCH answered 200",
			"DELETE answered 204", "POST answered 200", "POST answered 202", "reads of erased sessions", "reads",
			"reads of histories", "settled DONE", "settled NOT_DONE", "settled UNKNOWN", "killed a replica",
			"crashed the database", "broke all connections", "paused a replica", "replaced all replicas",
			"reset all connections", "closed all connections on one side", "cut all answers", "delayed everything",
			"lists", "tailed bye", "tailed message", "tailed agent_switch", "tailed history_replaced", "tailed draft",
			"tailed draft_discarded", "drafts committed", "drafts discarded", "drafts gone on with",
			"drafts taken over", "tails hung up" };

	private final RunSize size = RunSize.ofSystemProperties();

	private final Ledger ledger = new Ledger();

	private final AtomicBoolean over = new AtomicBoolean();

	@Test
	void whatIsAcknowledgedIsThereExactlyOnceWhateverBreaks() throws Exception {
		System.out.println("exactness: " + this.size);
		try (TestedDatabase database = TestedDatabase.start();
				DatabasePath path = DatabasePath.to(database, this.size.pooler());
				// one after the other: Liquibase waits ten seconds for its lock
				Replica first = Replica.start("replica-1", path.url(), this.size.buckets());
				Replica second = Replica.start("replica-2", path.url(), this.size.buckets())) {
			Arena arena = new Arena(List.of(first, second),
					IntStream.range(0, this.size.sessions()).mapToObj((i) -> "shared-" + i).toList(), this.ledger,
					new StoreClient(), new AtomicInteger());
			List<TailFollower> followers = followers(arena);
			ExecutorService threads = Executors.newFixedThreadPool(followers.size());
			followers.forEach(threads::execute);
			timed("load", () -> load(arena, new Faults(arena, database, path, this.size)));
			timed("after all", () -> arena.replicas().forEach((replica) -> AfterAll.succeed(arena, replica)));
			timed("tails", () -> followers.forEach(TailFollower::finish));
			threads.shutdown();
			timed("audit", new Audit(arena, database)::run);
		}
		System.out.println("exactness: " + this.ledger.counts());
		assertThat(this.ledger.violations()).as(this.size.toString()).isEmpty();
		if (this.size.faults().isEmpty()) {
			assertThat(this.ledger.counts()).containsKeys(NEEDED)
				.containsKeys("tails caught up", "receipts of erasures", "audits of the index");
		}
	}

	private static void timed(String what, Step step) throws Exception {
		long start = System.nanoTime();
		step.run();
		System.out.println("exactness: " + what + " took " + Duration.ofNanos(System.nanoTime() - start));
	}

	/**
	 * Faults strike until the time is over; then the clients finish what they began. The
	 * first waits until a replaced history was followed: were the very first save broken
	 * off, the session that is followed might never come to be.
	 */
	private void load(Arena arena, Faults faults) throws Exception {
		long start = System.nanoTime();
		List<Runnable> clients = clients(arena);
		ExecutorService threads = Executors.newFixedThreadPool(clients.size());
		List<Future<?>> running = new ArrayList<>();
		clients.forEach((client) -> running.add(threads.submit(client)));
		try {
			Awaitility.await("load before the first fault")
				.atMost(Duration.ofSeconds(30))
				.until(() -> this.ledger.counts().containsKey("tailed history_replaced"));
			do {
				faults.round();
			}
			while (System.nanoTime() - start < this.size.load().toNanos());
			awaitWhatIsSeldom();
		}
		finally {
			this.over.set(true);
			threads.shutdown();
		}
		for (Future<?> client : running) {
			client.get();
		}
	}

	/** A short run on a busy machine may not have come to everything; it ends anyhow. */
	private void awaitWhatIsSeldom() {
		try {
			Awaitility.await()
				.atMost(Duration.ofMinutes(1))
				.until(() -> !this.size.faults().isEmpty()
						|| this.ledger.counts().keySet().containsAll(List.of(NEEDED)));
		}
		catch (ConditionTimeoutException ex) {
			// what is missing is said at the end, behind what is wrong
		}
	}

	/**
	 * One for each shared session, one for all of them, one for a session that is saved
	 * whole.
	 */
	private List<TailFollower> followers(Arena arena) {
		List<TailFollower> followers = new ArrayList<>();
		for (String session : arena.shared()) {
			followers.add(new TailFollower(arena, "follower of " + session, this.size.seed() + followers.size(),
					List.of(session)));
		}
		followers.add(new TailFollower(arena, "follower of all", this.size.seed() - 1, arena.shared()));
		followers.add(new TailFollower(arena, "follower of a history", this.size.seed() - 2,
				List.of("history-historian-0-1")));
		return followers;
	}

	private List<Runnable> clients(Arena arena) {
		List<Runnable> clients = new ArrayList<>();
		for (int i = 0; i < this.size.writers(); i++) {
			clients.add(new Writer(arena, "writer-" + i, this.size.seed() + 1000 + i, this::goesOn));
		}
		for (int i = 0; i < this.size.historians(); i++) {
			clients.add(new Historian(arena, "historian-" + i, this.size.seed() + 2000 + i, this::goesOn));
		}
		for (int i = 0; i < this.size.historians(); i++) {
			clients.add(new Steward(arena, "steward-" + i, this.size.seed() + 4000 + i, this::goesOn));
		}
		for (int i = 0; i < this.size.drafters(); i++) {
			clients.add(new Drafter(arena, "drafter-" + i, this.size.seed() + 5000 + i, this::goesOn));
		}
		for (int i = 0; i < this.size.readers(); i++) {
			clients.add(new Reader(arena, this.size.seed() + 3000 + i, this::goesOn));
		}
		return clients;
	}

	private boolean goesOn() {
		LockSupport.parkNanos(this.size.pause().toNanos());
		return !this.over.get();
	}

	/** A part of the run. */
	private interface Step {

		void run() throws Exception;

	}

}
