package dev.agentsessions.database.lane;

import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;

import dev.agentsessions.database.DatabaseTimes;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.LaneSettings;
import dev.agentsessions.schedule.Lifecycle;
import dev.agentsessions.tracing.Traces;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Result;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;

/**
 * The lanes of this replica. A session's writes always use the same lane, in the order in
 * which they were subscribed to; light reads go through one lane, so that as many as
 * possible share a statement, and the others are there for heavy ones.
 */
public final class Lanes extends Lifecycle {

	private static final String PREPARE = """
			set default_transaction_isolation = 'read committed'; set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set jit = off; set timezone = 'UTC'""";

	private static final Comparator<Lane> LEAST_TO_DO = Comparator.comparingInt(Lane::load);

	private static final Executor ANYWHERE = Runnable::run;

	private final List<Lane> writers;

	private final List<Lane> readers;

	private final Traces traces;

	private final EventLoopGroup loops;

	private final long timeoutNanos;

	private final AtomicLong epoch = new AtomicLong();

	private final List<Runnable> connectionListeners = new CopyOnWriteArrayList<>();

	private final LaneTicks ticks;

	public Lanes(ConnectionFactory connections, Engine engine, LaneSettings lanes, DatabaseTimes times,
			LoopResources loops, MeterRegistry meters, Traces traces) {
		super(Phase.DATABASE);
		this.traces = traces;
		this.loops = loops.onServer(LoopResources.DEFAULT_NATIVE);
		this.timeoutNanos = times.request().toNanos();
		// H2 is one process with one log: a second writer would only wait for the first
		// one's locks
		this.writers = lanes(connections, engine, (engine == Engine.H2) ? 1 : lanes.writers(), times,
				new LaneMetrics(meters, "writer"));
		this.readers = lanes(connections, engine, lanes.readers(), times, new LaneMetrics(meters, "reader"));
		this.ticks = new LaneTicks(all().toList(), Schedulers.parallel());
	}

	/**
	 * Writes through the lane of this session. The answer comes after the commit;
	 * cancelling changes nothing in the database. Errors: 503 when the queue is full, the
	 * database is away, or the outcome is unknown; 429 when the tenant fills its part of
	 * the queue.
	 * @param tenant whose turn it takes
	 * @param session what decides on the lane: equal for all writes to one session
	 */
	public <Q, A> Mono<A> write(String tenant, Object session, LaneOperation<Q, A> operation, Q request) {
		return this.traces.span("lane write", operation.getClass().getSimpleName(),
				submit(() -> writer(session), operation, request, tenant, session));
	}

	/**
	 * Reads through a lane. What was committed before the call is seen. Errors: 503.
	 */
	public <Q, A> Mono<A> read(LaneOperation<Q, A> operation, Q request) {
		return this.traces.span("lane read", operation.getClass().getSimpleName(),
				submit(() -> reader(operation), operation, request, null, null));
	}

	/**
	 * Another one begins whenever a lane has connected: what was read or written in an
	 * older one may not hold on the server that the connection leads to.
	 */
	public long epoch() {
		return this.epoch.get();
	}

	/**
	 * Has this run whenever a lane has connected, before that connection is used and
	 * after a new {@link #epoch} has begun.
	 */
	public void onNewConnection(Runnable listener) {
		this.connectionListeners.add(listener);
	}

	/**
	 * Light reads share a lane, and so statements. Heavy ones have the others, each the
	 * one with the least to do: while one batch is read by the database, another is taken
	 * in here.
	 */
	private Lane reader(LaneOperation<?, ?> operation) {
		if (!operation.isHeavy() || this.readers.size() == 1) {
			return this.readers.get(0);
		}
		return Collections.min(this.readers.subList(1, this.readers.size()), LEAST_TO_DO);
	}

	private Lane writer(Object session) {
		return this.writers.get(Math.floorMod(session.hashCode(), this.writers.size()));
	}

	private <Q, A> Mono<A> submit(Supplier<Lane> lane, LaneOperation<Q, A> operation, Q request,
			@Nullable String tenant, @Nullable Object session) {
		return Mono.create((sink) -> {
			lane.get()
				.offer(new PendingRequest<>(operation, request, tenant, session, sink, caller(), System.nanoTime(),
						this.timeoutNanos));
			this.ticks.begin();
		});
	}

	/** The event loop that this is; callers that are on none are answered anywhere. */
	private Executor caller() {
		for (EventExecutor loop : this.loops) {
			if (loop.inEventLoop()) {
				return loop;
			}
		}
		return ANYWHERE;
	}

	@Override
	protected void begin() {
		// the first requests shall not wait for connections
		all().forEach((lane) -> submit(() -> lane, new Ping(), true, null, null).onErrorComplete().subscribe());
	}

	/**
	 * Lanes finish what they have accepted, in bounded time: every call has its own
	 * deadline.
	 */
	@Override
	protected Mono<Void> end() {
		all().forEach(Lane::close);
		return Flux.interval(Duration.ZERO, Duration.ofMillis(20))
			.takeUntil((tick) -> this.ticks.areIdle())
			.take(Duration.ofNanos(this.timeoutNanos).plusSeconds(1))
			.then(Mono.fromRunnable(() -> {
				this.ticks.end();
				all().forEach(Lane::disconnect);
			}));
	}

	private Stream<Lane> all() {
		return Stream.concat(this.writers.stream(), this.readers.stream());
	}

	private List<Lane> lanes(ConnectionFactory connections, Engine engine, int count, DatabaseTimes times,
			LaneMetrics metrics) {
		Mono<LaneConnection> connect = Mono.defer(() -> Mono.from(connections.create()))
			.subscribeOn(engine.scheduler())
			.flatMap((connection) -> prepared(connection, engine))
			.timeout(times.connect())
			.map((connection) -> new LaneConnection(connection, engine))
			.doOnNext((connection) -> {
				this.epoch.incrementAndGet();
				this.connectionListeners.forEach(Runnable::run);
			});
		List<LaneQueue> queues = Stream.generate(() -> new LaneQueue(new LaneQueue.Capacity())).limit(count).toList();
		metrics.watch(queues);
		return queues.stream().map((queue) -> new Lane(() -> connect, times.request(), queue, metrics)).toList();
	}

	/**
	 * A lane sends few statements very often, each with arrays of any size: one plan for
	 * all is right from the first, and planning would cost as much as running. Each row
	 * is looked up by an index, in tables that may be empty when the plan is made and
	 * large a minute later.
	 */
	private static Mono<Connection> prepared(Connection connection, Engine engine) {
		if (engine == Engine.H2) {
			return Mono.just(connection);
		}
		return Flux.from(connection.createStatement(PREPARE).execute())
			.flatMap(Result::getRowsUpdated)
			.then(Mono.just(connection))
			.doOnError((error) -> new LaneConnection(connection, engine).discard())
			.doOnCancel(() -> new LaneConnection(connection, engine).discard());
	}

	/** Asks nothing of the database but an answer. */
	private static final class Ping implements LaneOperation<Boolean, Boolean> {

		@Override
		public Mono<List<Answer<Boolean>>> run(LaneConnection connection, List<Boolean> requests) {
			return Flux.from(connection.connection().createStatement("select 1").execute())
				.concatMap(Result::getRowsUpdated)
				.then(Mono.fromSupplier(() -> Collections.nCopies(requests.size(), Answer.of(true))));
		}

		@Override
		public boolean isRead() {
			return true;
		}

	}

}
