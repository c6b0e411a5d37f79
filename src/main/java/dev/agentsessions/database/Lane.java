package dev.agentsessions.database;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import dev.agentsessions.problem.LoggedError;
import dev.agentsessions.problem.Problems;
import io.r2dbc.spi.R2dbcException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A long-lived task that owns one connection. It takes everything that has queued up
 * while its last statement ran and sends it as one (natural batching: the group commit of
 * databases, one floor up). Nobody waits for a timer: an idle lane takes a single request
 * at once.
 * <p>
 * Requests are answered only after their batch is committed. After an error that proves
 * the batch undone, it is run again: whole if the operation says that helps, else one
 * request at a time, so that only the guilty one fails. After a lost connection or a
 * time-out the outcome is unknown; that is what the callers are told, and nothing is run
 * again.
 */
final class Lane {

	private static final Logger log = LoggerFactory.getLogger(Lane.class);

	private static final int MAX_RUNS = 5;

	private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

	private final Supplier<Mono<LaneConnection>> connect;

	private final Duration timeout;

	private final LaneQueue queue;

	private final LaneMetrics metrics;

	private final AtomicInteger wakeUps = new AtomicInteger();

	/**
	 * Empty when the lane is idle. Written by the batch's start and end, which never
	 * overlap.
	 */
	private volatile List<Call<?, ?>> running = List.of();

	/** When that batch was taken, by <code>System.nanoTime()</code>. */
	private volatile long began;

	/** Used by one batch at a time. */
	private volatile @Nullable LaneConnection connection;

	private volatile boolean closing;

	private volatile long lastLogged = System.nanoTime() - LOG_INTERVAL.toNanos() - 1;

	/**
	 * Makes an idle lane; it connects when the first request comes.
	 * @param connect opens a connection, in bounded time
	 * @param timeout for one run of a batch
	 */
	Lane(Supplier<Mono<LaneConnection>> connect, Duration timeout, LaneQueue queue, LaneMetrics metrics) {
		this.connect = connect;
		this.timeout = timeout;
		this.queue = queue;
		this.metrics = metrics;
	}

	void offer(Call<?, ?> call) {
		if (this.closing) {
			call.fail(Problems.busy("This replica is shutting down."));
		}
		else if (!this.queue.offer(call)) {
			this.metrics.full();
			call.fail(Problems.busy("Too many requests are waiting for the database."));
		}
		else {
			wake();
		}
	}

	/**
	 * Starts the next batch if the lane is idle, and gives up on calls that are late. Any
	 * thread may call it at any time; one at a time does the work, and work that arrives
	 * meanwhile makes it look again.
	 */
	void wake() {
		if (this.wakeUps.getAndIncrement() != 0) {
			return;
		}
		int seen = 1;
		do {
			giveUpLate(System.nanoTime());
			if (this.running.isEmpty()) {
				List<Call<?, ?>> batch = this.queue.take();
				if (!batch.isEmpty()) {
					this.running = batch;
					start(batch);
				}
			}
			seen = this.wakeUps.addAndGet(-seen);
		}
		while (seen != 0);
	}

	/** Accepts nothing more, and is idle once everything accepted has been answered. */
	void close() {
		this.closing = true;
	}

	boolean isIdle() {
		return this.queue.isEmpty() && this.running.isEmpty();
	}

	void disconnect() {
		LaneConnection last = this.connection;
		this.connection = null;
		if (last != null) {
			last.discard();
		}
	}

	private void giveUpLate(long now) {
		for (Call<?, ?> late = this.queue.pollLate(now); late != null; late = this.queue.pollLate(now)) {
			this.metrics.late();
			failLate(late);
		}
		for (Call<?, ?> call : this.running) {
			if (call.isLate(now)) {
				call.fail(call.withoutAnswer());
			}
		}
	}

	private void start(List<Call<?, ?>> batch) {
		this.began = System.nanoTime();
		this.metrics.began(batch.size(), batch.get(0).age(this.began));
		@SuppressWarnings({ "unchecked", "rawtypes" }) // one batch, one operation
		Mono<Void> execution = execute((LaneOperation) batch.get(0).operation(), (List) batch, 1);
		execution.doFinally((signal) -> release(batch)).subscribe((nothing) -> {
		}, (error) -> fail(batch, error));
	}

	/**
	 * Lets the next batch begin, if this is the whole of the one that runs: the database
	 * works while callers are answered.
	 */
	private void release(List<? extends Call<?, ?>> batch) {
		if (this.running == batch) {
			this.metrics.ended(System.nanoTime() - this.began);
			this.running = List.of();
			wake();
		}
	}

	private <Q, A> Mono<Void> execute(LaneOperation<Q, A> operation, List<Call<Q, A>> calls, int run) {
		List<Q> requests = new ArrayList<>(calls.size());
		calls.forEach((call) -> requests.add(call.request()));
		return connected().onErrorResume((error) -> {
			logUnreachable(error);
			fail(calls, Problems.busy("The database can't be reached; nothing was done."));
			return Mono.empty();
		})
			.flatMap((open) -> operation.run(open, requests)
				.subscribeOn(open.engine().scheduler())
				.or(expiry())
				.switchIfEmpty(Mono.error(() -> new IllegalStateException(operation + " answered nothing")))
				.doOnNext((answers) -> {
					release(calls);
					Call.answer(calls, answers);
				})
				.then()
				.onErrorResume((error) -> recover(operation, calls, run, error)));
	}

	private <Q, A> Mono<Void> recover(LaneOperation<Q, A> operation, List<Call<Q, A>> calls, int run, Throwable error) {
		R2dbcException refusal = SqlErrors.refusal(error);
		if (refusal == null) {
			log.warn("a lane discards its connection, with {} requests under way", calls.size(),
					new LoggedError(error));
			this.metrics.lost();
			disconnect();
			calls.forEach((call) -> call.fail(call.withoutAnswer()));
			return Mono.empty();
		}
		if ((operation.runsAgainAfter(refusal) || SqlErrors.isTransient(refusal)) && run < MAX_RUNS) {
			return Mono.delay(Duration.ofMillis(ThreadLocalRandom.current().nextLong(5L * run, 20L * run)))
				.then(execute(operation, calls, run + 1));
		}
		if (calls.size() > 1) {
			return Flux.fromIterable(calls).concatMap((call) -> executeAlone(operation, call)).then();
		}
		fail(calls, SqlErrors.answer(refusal));
		return Mono.empty();
	}

	private <Q, A> Mono<Void> executeAlone(LaneOperation<Q, A> operation, Call<Q, A> call) {
		if (call.isLate(System.nanoTime())) {
			failLate(call);
			return Mono.empty();
		}
		return execute(operation, List.of(call), 1);
	}

	/**
	 * An error when a run has taken too long. Reactor's own operator for this puts the
	 * names of all operators before it into a message, on every run.
	 */
	private <T> Mono<T> expiry() {
		return Mono.delay(this.timeout)
			.then(Mono.error(() -> new TimeoutException("no answer within " + this.timeout)));
	}

	private Mono<LaneConnection> connected() {
		LaneConnection last = this.connection;
		return (last == null) ? connect()
				: last.isOpen().flatMap((open) -> open ? Mono.just(last) : Mono.defer(this::connect));
	}

	private Mono<LaneConnection> connect() {
		return this.connect.get().doOnNext((opened) -> this.connection = opened);
	}

	/** At most once in a while, for every request that comes runs into it. */
	private void logUnreachable(Throwable error) {
		long now = System.nanoTime();
		if (now - this.lastLogged > LOG_INTERVAL.toNanos()) {
			this.lastLogged = now;
			log.warn("a lane can't connect to the database: {}", error.toString());
		}
	}

	private static void failLate(Call<?, ?> call) {
		call.fail(Problems.busy("The database did not get to this request in time; nothing was done."));
	}

	private static void fail(List<? extends Call<?, ?>> calls, Throwable error) {
		calls.forEach((call) -> call.fail(error));
	}

}
