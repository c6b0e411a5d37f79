package dev.agentsessions.database.lane;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import dev.agentsessions.database.lane.operation.LaneConnection;
import dev.agentsessions.database.lane.operation.LaneOperation;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.problem.UnexpectedErrors;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * A long-lived task that owns one connection. It takes everything that has queued up
 * while its last statement ran and sends it as one (natural batching: the group commit of
 * databases, one floor up). Nobody waits for a timer: an idle lane takes a single request
 * at once.
 * <p>
 * Where another replica writes to the same sessions, the two take turns: a batch that had
 * to wait for locks is followed by a rest of about that time, in which the other's batch
 * runs, and whoever was just answered comes back and joins the next batch.
 * <p>
 * Requests are answered only after their batch is committed. After an error that proves
 * the batch undone, it is run again: whole if that may help, else each half by itself,
 * until only the guilty one fails. If it waited for a lock in vain, one session at a
 * time, which hardly waits any more: with L sessions locked a batch takes the lock
 * time-out and L moments longer than without. A connection that is lost before a commit
 * was asked for has done nothing, so its batch is run again, and so are reads; after that
 * the outcome of writes is unknown, and that is what the callers are told.
 */
final class Lane {

	private static final long SHORTEST_REST = TimeUnit.MICROSECONDS.toNanos(500);

	private static final long LONGEST_REST = TimeUnit.MILLISECONDS.toNanos(5);

	private final LaneLink link;

	private final LaneTimeout timeout;

	private final LaneQueue queue;

	private final LaneTurns.Turn turn;

	private final LaneMetrics metrics;

	private final BlockedSessions blocked = new BlockedSessions();

	private final AtomicInteger wakeUps = new AtomicInteger();

	/**
	 * Empty when the lane is idle. Written by the batch's start and end, which never
	 * overlap.
	 */
	private volatile List<PendingRequest<?, ?>> running = List.of();

	/** Whether a batch is on its way out of the queue, and not running yet. */
	private volatile boolean taking;

	/** When that batch was taken, by <code>System.nanoTime()</code>. */
	private volatile long began;

	/** When the next batch may be taken, by <code>System.nanoTime()</code>. */
	private volatile long restUntil = System.nanoTime();

	private volatile boolean closing;

	/**
	 * Makes an idle lane; it connects when the first request comes.
	 * @param connect opens a connection
	 * @param timeout for connecting, and for one run of a batch; kept by {@link #wake}
	 * being called now and then
	 * @param turns shared with other lanes
	 */
	Lane(Supplier<Mono<LaneConnection>> connect, Duration timeout, LaneQueue queue, LaneTurns turns,
			LaneMetrics metrics) {
		this.link = new LaneLink(connect);
		this.timeout = new LaneTimeout(timeout);
		this.queue = queue;
		this.turn = turns.of(this::wake);
		this.metrics = metrics;
	}

	void offer(PendingRequest<?, ?> request) {
		if (this.closing) {
			request.fail(Problems.busy("This replica is shutting down."));
		}
		else {
			switch (this.queue.offer(request)) {
				case TAKEN -> wake();
				case FULL -> {
					this.metrics.full();
					request.fail(Problems.busy("Too many requests are waiting for the database."));
				}
				case TENANT_FULL -> {
					this.metrics.tenantFull();
					request.fail(Problems.tenantBusy(
							"Too many requests of this tenant are waiting for the database; nothing was done."));
				}
			}
		}
	}

	/**
	 * Starts the next batch if the lane is idle, and gives up on what is late. Any thread
	 * may call it at any time; one at a time does the work, and work that arrives
	 * meanwhile makes it look again. Never fails: nobody would ever look again.
	 */
	void wake() {
		if (this.wakeUps.getAndIncrement() != 0) {
			return;
		}
		int seen = 1;
		do {
			look();
			seen = this.wakeUps.addAndGet(-seen);
		}
		while (seen != 0);
	}

	/**
	 * A bug in one operation ends its batch, not the lane; Reactor throws what it takes
	 * for fatal, such as a class that is missing.
	 */
	private void look() {
		List<PendingRequest<?, ?>> batch = new ArrayList<>();
		try {
			long now = System.nanoTime();
			this.timeout.tick(now);
			giveUpLate(now);
			if (!this.running.isEmpty()) {
				this.turn.goesOn(now - this.began);
			}
			else if (!this.queue.isEmpty() && now - this.restUntil >= 0 && this.turn.begin()) {
				this.taking = true;
				this.queue.moveTo(batch);
				this.running = batch;
				this.taking = false;
				// none if what is counted already is on its way into the queue; who
				// brings it wakes this lane again
				if (batch.isEmpty()) {
					this.turn.end(0);
				}
				else {
					start(batch);
				}
			}
		}
		catch (Throwable ex) {
			abandon(batch, ex);
		}
	}

	private void abandon(List<PendingRequest<?, ?>> batch, Throwable error) {
		UnexpectedErrors.report("a lane", error);
		try {
			if (this.running == batch) {
				this.link.disconnect();
			}
			batch.forEach(PendingRequest::giveUp);
			this.taking = false;
			release(batch);
			this.turn.end(0);
		}
		catch (Throwable ex) {
			UnexpectedErrors.report("a lane that gives up a batch", ex);
		}
	}

	/** Accepts nothing more, and is idle once everything accepted has been answered. */
	void close() {
		this.closing = true;
	}

	/**
	 * Whether nothing waits or runs. What is accepted before this begins is seen: it is
	 * looked for in the order in which it moves on.
	 */
	boolean isIdle() {
		return this.queue.isEmpty() && !this.taking && this.running.isEmpty();
	}

	/** How many requests it has at the moment, waiting and under way. */
	int load() {
		return this.queue.requests() + this.running.size();
	}

	void disconnect() {
		this.link.disconnect();
	}

	private void giveUpLate(long now) {
		for (PendingRequest<?, ?> late = this.queue.pollLate(now); late != null; late = this.queue.pollLate(now)) {
			this.metrics.late();
			late.giveUp();
		}
		for (PendingRequest<?, ?> request : this.running) {
			if (request.isLate(now)) {
				request.giveUp();
			}
		}
	}

	private void start(List<PendingRequest<?, ?>> batch) {
		this.began = System.nanoTime();
		this.metrics.began(batch.size(), batch.get(0).age(this.began));
		@SuppressWarnings({ "unchecked", "rawtypes" }) // one batch, one operation
		Mono<Void> run = run((LaneOperation) batch.get(0).operation(), (List) batch);
		run.doFinally((signal) -> release(batch)).subscribe((nothing) -> {
		}, (error) -> {
			UnexpectedErrors.report("a batch", error);
			batch.forEach(PendingRequest::giveUp);
		});
	}

	private <Q, A> Mono<Void> run(LaneOperation<Q, A> operation, List<PendingRequest<Q, A>> batch) {
		return new BatchExecution<>(operation, this.link, this.blocked, this.timeout, this.metrics,
				() -> release(batch))
			.run(batch);
	}

	/** Lets the next batch begin, if this is the one that runs. */
	private void release(List<? extends PendingRequest<?, ?>> batch) {
		if (this.running == batch) {
			long took = System.nanoTime() - this.began; // before another batch begins
			long rest = rest();
			this.restUntil = System.nanoTime() + rest;
			// before another batch of this lane can begin, whose turn is another one
			this.turn.end(took);
			this.running = List.of();
			this.metrics.ended(took);
			if (rest > 0) {
				Schedulers.parallel().schedule(this::wake, rest + 1, TimeUnit.NANOSECONDS);
			}
			else {
				wake();
			}
		}
	}

	private long rest() {
		long waited = this.link.lockWait();
		return (waited >= SHORTEST_REST) ? Math.min(waited, LONGEST_REST) : 0;
	}

}
