package dev.agentsessions.database.lane;

import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.agentsessions.database.BucketKey;
import dev.agentsessions.database.Buckets;
import dev.agentsessions.database.DatabaseTimes;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.LaneSettings;
import dev.agentsessions.database.lane.operation.BatchedSelect;
import dev.agentsessions.database.lane.operation.LaneConnection;
import dev.agentsessions.database.lane.operation.LaneOperation;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.schedule.Lifecycle;
import dev.agentsessions.tracing.Traces;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;

/**
 * The lanes of this replica, each for one bucket. A session's writes always use the same
 * lane, in the order in which they were subscribed to; light reads go through one lane,
 * so that as many as possible share a statement, and the others are there for heavy ones.
 * A bucket may have but one for both.
 */
public final class Lanes extends Lifecycle {

	private static final String PREPARE = "set default_transaction_isolation = 'read committed'; set enable_seqscan = off;"
			+ " set jit = off; ";

	private static final String ONE_PLAN = "set plan_cache_mode = force_generic_plan";

	private static final String CUSTOM_PLANS = "force_custom_plan";

	/** Citus makes a plan for each run of a statement, with its values. */
	private static final String ONE_PLAN_WITHOUT_CITUS = """
			select set_config('plan_cache_mode', case when exists (select 1 from pg_extension where extname = 'citus')
			    then '%s' else 'force_generic_plan' end, false)""".formatted(CUSTOM_PLANS);

	/** Asks nothing of the database but an answer. */
	private static final LaneOperation<Long, List<Long>> PING = new BatchedSelect<>(
			new RowArrays<Long>("t").number("one", (one) -> one), "select cast(:one as bigint)",
			(one, row) -> row.number());

	/** Under which the context of a subscriber has its tenant. */
	private static final String TENANT = Lanes.class.getName() + ".tenant";

	private static final Comparator<Lane> LEAST_TO_DO = Comparator.comparingInt(Lane::load);

	private static final Executor ANYWHERE = Runnable::run;

	/** How often each lane looks at what is late. */
	private static final Duration TICK = Duration.ofMillis(200);

	private final Buckets buckets;

	/** By bucket. */
	private final List<List<Lane>> writers;

	/** By bucket. */
	private final List<List<Lane>> readers;

	private final Traces traces;

	private final EventLoopGroup loops;

	private final long timeoutNanos;

	private final AtomicLong epoch = new AtomicLong();

	private final List<Runnable> connectionListeners = new CopyOnWriteArrayList<>();

	private final Disposable ticks;

	/**
	 * Makes idle lanes.
	 * @param connections to each bucket
	 */
	public Lanes(IntFunction<ConnectionFactory> connections, Buckets buckets, Engine engine, LaneSettings lanes,
			DatabaseTimes times, LoopResources loops, MeterRegistry meters, Traces traces) {
		super(Phase.DATABASE);
		this.buckets = buckets;
		this.traces = traces;
		this.loops = loops.onServer(LoopResources.DEFAULT_NATIVE);
		this.timeoutNanos = times.request().toNanos();
		// H2 is one process with one log: a second writer would only wait for the first
		// one's locks
		this.writers = lanes(connections, engine, (engine == Engine.H2) ? 1 : lanes.writers(), times,
				new LaneMetrics(meters, "writer"));
		this.readers = lanes(connections, engine, lanes.readers(), times, new LaneMetrics(meters, "reader"));
		this.ticks = Schedulers.parallel()
			.schedulePeriodically(() -> all().forEach(Lane::wake), TICK.toNanos(), TICK.toNanos(),
					TimeUnit.NANOSECONDS);
	}

	/** Has all that this reads take the turns of a tenant; else it is nobody's. */
	public static <T> Mono<T> inTurnsOf(String tenant, Mono<T> request) {
		return request.contextWrite((context) -> context.put(TENANT, tenant));
	}

	public Buckets buckets() {
		return this.buckets;
	}

	/**
	 * Writes through the lane of this session. The answer comes after the commit;
	 * cancelling changes nothing in the database. Errors: 503 when the queue is full, the
	 * database is away, or the outcome is unknown; 429 when the tenant fills its part of
	 * the queue.
	 * @param tenant whose turn it takes
	 * @param session what decides on the lane: equal for all writes to one session
	 */
	public <Q, A> Mono<A> write(String tenant, BucketKey session, LaneOperation<Q, A> operation, Q request) {
		return this.traces.span("lane write", operation.getClass().getSimpleName(),
				submit(() -> writer(session), operation, request, tenant, session));
	}

	/**
	 * Reads from the bucket of a session. What was committed before the call is seen.
	 * Errors: 503; 429 when the tenant fills its part of the queue.
	 */
	public <Q, A> Mono<A> read(BucketKey session, LaneOperation<Q, A> operation, Q request) {
		return read(this.buckets.of(session), operation, request);
	}

	/** Reads from the bucket of the session whose row has this id. */
	public <Q, A> Mono<A> readOf(long session, LaneOperation<Q, A> operation, Q request) {
		return read(this.buckets.ofRow(session), operation, request);
	}

	/** Reads from all buckets at once; one answer for each. */
	public <Q, A> Mono<List<A>> readInEach(LaneOperation<Q, A> operation, Q request) {
		return this.buckets.together((bucket) -> read(bucket, operation, request), this.buckets.count());
	}

	private <Q, A> Mono<A> read(int bucket, LaneOperation<Q, A> operation, Q request) {
		return this.traces.span("lane read", operation.getClass().getSimpleName(),
				submit(() -> reader(bucket, operation), operation, request, null, null));
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
	private Lane reader(int bucket, LaneOperation<?, ?> operation) {
		List<Lane> lanes = this.readers.get(bucket);
		if (!operation.isHeavy() || lanes.size() == 1) {
			return lanes.get(0);
		}
		return Collections.min(lanes.subList(1, lanes.size()), LEAST_TO_DO);
	}

	private Lane writer(BucketKey session) {
		List<Lane> lanes = this.writers.get(this.buckets.of(session));
		return lanes.get(Math.floorMod(session.number(), lanes.size()));
	}

	private <Q, A> Mono<A> submit(Supplier<Lane> lane, LaneOperation<Q, A> operation, Q request,
			@Nullable String tenant, @Nullable Object session) {
		return Mono.create((sink) -> {
			String turn = (tenant != null) ? tenant : sink.contextView().getOrDefault(TENANT, null);
			lane.get()
				.offer(new PendingRequest<>(operation, request, turn, session, sink, caller(), System.nanoTime(),
						this.timeoutNanos));
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
		all().forEach((lane) -> submit(() -> lane, PING, 1L, null, null).onErrorComplete().subscribe());
	}

	/**
	 * Lanes finish what they have accepted, in bounded time: every request has its own
	 * deadline.
	 */
	@Override
	protected Mono<Void> end() {
		all().forEach(Lane::close);
		return Flux.interval(Duration.ZERO, Duration.ofMillis(20))
			.takeUntil((tick) -> all().allMatch(Lane::isIdle))
			.take(Duration.ofNanos(this.timeoutNanos).plusSeconds(1))
			.then(Mono.fromRunnable(() -> {
				this.ticks.dispose();
				all().forEach(Lane::disconnect);
			}));
	}

	private Stream<Lane> all() {
		return Stream.concat(this.writers.stream(), this.readers.stream()).flatMap(List::stream);
	}

	/**
	 * As many as there shall be, but at least one for each bucket; no more than there
	 * shall be are at work at once.
	 */
	private List<List<Lane>> lanes(IntFunction<ConnectionFactory> connections, Engine engine, int count,
			DatabaseTimes times, LaneMetrics metrics) {
		int each = Math.max(1, count / this.buckets.count());
		List<LaneQueue> queues = Stream.generate(() -> new LaneQueue(new LaneQueue.Capacity()))
			.limit((long) each * this.buckets.count())
			.toList();
		metrics.watch(queues);
		LaneTurns turns = new LaneTurns(count);
		return IntStream.range(0, this.buckets.count()).mapToObj((bucket) -> {
			Mono<LaneConnection> connect = connect(connections.apply(bucket), engine, times);
			return queues.subList(bucket * each, (bucket + 1) * each)
				.stream()
				.map((queue) -> new Lane(() -> connect, times.request(), queue, turns, metrics))
				.toList();
		}).toList();
	}

	private Mono<LaneConnection> connect(ConnectionFactory connections, Engine engine, DatabaseTimes times) {
		return Mono.defer(() -> Mono.from(connections.create()))
			.subscribeOn(engine.scheduler())
			.flatMap((connection) -> prepared(connection, engine))
			.timeout(times.connect())
			.doOnNext((connection) -> {
				this.epoch.incrementAndGet();
				this.connectionListeners.forEach(Runnable::run);
			});
	}

	/**
	 * A lane sends few statements very often, each with arrays of any size: one plan for
	 * all is right from the first, and planning would cost as much as running. Each row
	 * is looked up by an index, in tables that may be empty when the plan is made and
	 * large a minute later.
	 */
	private Mono<LaneConnection> prepared(Connection connection, Engine engine) {
		if (engine == Engine.H2) {
			return Mono.just(new LaneConnection(connection, engine));
		}
		String plans = (this.buckets.count() == 1) ? ONE_PLAN : ONE_PLAN_WITHOUT_CITUS;
		return Flux.from(connection.createStatement(PREPARE + plans).execute())
			.concatMap((result) -> result.map((row) -> CUSTOM_PLANS.equals(row.get(0, String.class))))
			.reduce(false, Boolean::logicalOr)
			.map((isCitus) -> new LaneConnection(connection, engine, isCitus))
			.doOnError((error) -> new LaneConnection(connection, engine).discard())
			.doOnCancel(() -> new LaneConnection(connection, engine).discard());
	}

}
