package dev.agentsessions.database.lane;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import dev.agentsessions.SilentLoggers;
import dev.agentsessions.database.BucketKey;
import dev.agentsessions.database.Buckets;
import dev.agentsessions.database.DatabaseTimes;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.LaneSettings;
import dev.agentsessions.database.lane.operation.LaneConnection;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.tracing.Traces;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.util.concurrent.EventExecutor;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Which lane takes what, and how lanes begin and end.
 */
class LanesTest {

	/** The errors are made on purpose. */
	@RegisterExtension
	static final SilentLoggers silent = SilentLoggers.of("dev.agentsessions.database");

	private static final Duration LONG = Duration.ofMinutes(1);

	private final LoopResources loops = LoopResources.create("test");

	private final FakeConnections connections = new FakeConnections();

	private final FakeOperation operation = new FakeOperation();

	private final List<Lanes> made = new ArrayList<>();

	private Lanes lanes = lanes(Engine.POSTGRESQL, 4, LONG, LONG);

	@AfterEach
	void stop() {
		this.operation.endsAtOnce = true;
		this.operation.runs.forEach((run) -> run.end().tryEmitEmpty());
		this.made.forEach(Lanes::stop);
		this.loops.dispose();
	}

	@Test
	void writesOfASessionKeepTheirOrderOnOneLane() {
		IntStream.range(0, 5)
			.forEach((i) -> this.lanes.write("tenant", new Named("session"), this.operation, "" + i)
				.onErrorComplete()
				.subscribe());
		assertThat(this.operation.batches()).containsExactly("0");
		this.operation.last().succeed();
		assertThat(this.operation.batches()).containsExactly("0", "1,2,3,4");
		this.lanes.write("tenant", new Named("session"), this.operation, "5").onErrorComplete().subscribe();
		this.operation.last().succeed();
		assertThat(this.operation.batches()).containsExactly("0", "1,2,3,4", "5");
		assertThat(this.operation.runs).extracting(FakeOperation.Run::connection).containsOnly(onlyConnection());
	}

	@Test
	void aCallerOnAnEventLoopIsAnsweredThereAndAnyOtherAtOnce() {
		List<EventExecutor> all = new ArrayList<>();
		this.loops.onServer(LoopResources.DEFAULT_NATIVE).forEach(all::add);
		Map<String, CompletableFuture<Boolean>> answeredThere = new ConcurrentHashMap<>();
		all.forEach(
				(loop) -> loop
					.submit(() -> this.lanes.write("tenant", new Named("session"), this.operation, loop.toString())
						.map((answer) -> loop.inEventLoop())
						.subscribe(answeredThere.computeIfAbsent(loop.toString(),
								(key) -> new CompletableFuture<>())::complete))
					.syncUninterruptibly());
		CompletableFuture<Thread> elsewhere = this.lanes
			.write("tenant", new Named("session"), this.operation, "elsewhere")
			.map((answer) -> Thread.currentThread())
			.toFuture();
		this.operation.last().succeed();
		this.operation.last().succeed();
		assertThat(answeredThere).hasSameSizeAs(all)
			.allSatisfy((loop, there) -> assertThat(there).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(true));
		assertThat(elsewhere).isCompletedWithValue(Thread.currentThread());
	}

	@Test
	void writesOfManySessionsUseAllLanesAtOnce() {
		IntStream.range(0, 100)
			.forEach((i) -> this.lanes.write("tenant", new Named("session" + i), this.operation, "a")
				.onErrorComplete()
				.subscribe());
		assertThat(this.operation.runs).hasSize(4);
		assertThat(this.connections.made).hasSize(4);
	}

	@Test
	void anySessionHasALaneWhateverItsHash() {
		for (int hash : new int[] { Integer.MIN_VALUE, -1, 0, Integer.MAX_VALUE }) {
			this.lanes.write("tenant", () -> hash, this.operation, "" + hash).onErrorComplete().subscribe();
			this.operation.last().succeed();
		}
		assertThat(this.operation.runs).hasSize(4);
	}

	@Test
	void readsShareALaneAndNeverThoseOfWrites() {
		this.lanes.write("tenant", new Named("session"), this.operation, "w").onErrorComplete().subscribe();
		List<CompletableFuture<String>> reads = IntStream.range(0, 4)
			.mapToObj((i) -> this.lanes.read(new Named("session"), this.operation, "r" + i).toFuture())
			.toList();
		assertThat(this.operation.batches()).containsExactly("w", "r0");
		this.operation.last().succeed();
		assertThat(this.operation.batches()).containsExactly("w", "r0", "r1,r2,r3");
		assertThat(reads.get(0)).isDone();
		assertThat(this.connections.made).hasSize(2);
	}

	@Test
	void whoFloodsWithReadsWaitsBehindItself() {
		this.operation.read = true;
		IntStream.range(0, 300)
			.forEach((i) -> Lanes.inTurnsOf("flood", this.lanes.read(new Named("s" + i), this.operation, "f" + i))
				.onErrorComplete()
				.subscribe());
		Lanes.inTurnsOf("quiet", this.lanes.read(new Named("s"), this.operation, "q")).onErrorComplete().subscribe();
		this.operation.last().succeed();
		assertThat(this.operation.batches().get(1).split(",")).contains("q");
	}

	@Test
	void nobodyWaitsBehindAHeavyRead() {
		FakeOperation heavy = new FakeOperation();
		heavy.heavy = true;
		this.lanes.read(new Named("session"), heavy, "h0").onErrorComplete().subscribe();
		this.lanes.read(new Named("session"), heavy, "h1").onErrorComplete().subscribe();
		CompletableFuture<String> light = this.lanes.read(new Named("session"), this.operation, "r").toFuture();
		assertThat(heavy.batches()).containsExactly("h0");
		this.operation.last().succeed();
		assertThat(light).isDone();
		heavy.last().succeed();
		assertThat(heavy.batches()).containsExactly("h0", "h1");
	}

	@Test
	void heavyReadsUseAllLanesButThatOfTheLightOnes() {
		this.lanes = lanes(Engine.POSTGRESQL, 1, 4, LONG, LONG);
		this.operation.heavy = true;
		for (int i = 0; i < 100; i++) {
			this.lanes.read(new Named("session"), this.operation, "r" + i).onErrorComplete().subscribe();
		}
		assertThat(this.connections.made).hasSize(3);
		this.operation.heavy = false;
		this.lanes.read(new Named("session"), this.operation, "light").onErrorComplete().subscribe();
		assertThat(this.operation.last().requests()).containsExactly("light");
	}

	@Test
	void oneReaderServesThemAll() {
		this.lanes = lanes(Engine.POSTGRESQL, 1, 1, LONG, LONG);
		this.operation.heavy = true;
		this.lanes.read(new Named("session"), this.operation, "r0").onErrorComplete().subscribe();
		assertThat(this.operation.batches()).containsExactly("r0");
	}

	@Test
	void h2HasOneWriter() {
		this.lanes = lanes(Engine.H2, 4, LONG, LONG);
		IntStream.range(0, 100)
			.forEach((i) -> this.lanes.write("tenant", new Named("session" + i), this.operation, "a")
				.onErrorComplete()
				.subscribe());
		await().until(() -> !this.operation.runs.isEmpty());
		assertThat(this.connections.made).hasSize(1);
	}

	@Test
	void nothingIsSentBeforeItIsSubscribedTo() {
		Mono<String> write = this.lanes.write("tenant", new Named("session"), this.operation, "a");
		assertThat(this.operation.runs).isEmpty();
		write.onErrorComplete().subscribe();
		write.onErrorComplete().subscribe();
		this.operation.last().succeed();
		assertThat(this.operation.batches()).containsExactly("a", "a");
	}

	@Test
	void aRequestIsGivenUpAtItsDeadlineWhateverElseHappens() {
		this.connections.before = Mono.never();
		this.lanes = lanes(Engine.POSTGRESQL, 1, Duration.ofMillis(50), LONG);
		this.lanes.start();
		CompletableFuture<String> first = this.lanes.write("tenant", new Named("session"), this.operation, "a")
			.toFuture();
		CompletableFuture<String> second = this.lanes.write("tenant", new Named("session"), this.operation, "b")
			.toFuture();
		assertUnavailable(first);
		assertUnavailable(second);
		assertThat(this.operation.runs).isEmpty();
	}

	@Test
	void aServerThatDoesNotAcceptIsGivenUp() {
		this.connections.before = Mono.never();
		this.lanes = lanes(Engine.POSTGRESQL, 1, LONG, Duration.ofMillis(50));
		assertUnavailable(this.lanes.write("tenant", new Named("session"), this.operation, "a").toFuture());
		this.connections.before = Mono.empty();
		CompletableFuture<String> next = this.lanes.write("tenant", new Named("session"), this.operation, "b")
			.toFuture();
		await().until(() -> !this.operation.runs.isEmpty());
		this.operation.last().succeed();
		assertThat(next).isCompletedWithValue("b!");
	}

	@Test
	void aConnectionThatCannotBePreparedIsClosed() {
		this.connections.statement = Flux.error(new R2dbcNonTransientResourceException("no"));
		assertUnavailable(this.lanes.write("tenant", new Named("session"), this.operation, "a").toFuture());
		assertThat(this.connections.made).hasSize(1).allMatch((fake) -> fake.closed);
	}

	@Test
	void aConnectionThatIsNotPreparedInTimeIsClosed() {
		this.connections.statement = Flux.never();
		this.lanes = lanes(Engine.POSTGRESQL, 1, LONG, Duration.ofMillis(50));
		assertUnavailable(this.lanes.write("tenant", new Named("session"), this.operation, "a").toFuture());
		assertThat(this.connections.made).hasSize(1).allMatch((fake) -> fake.closed);
	}

	@Test
	void everyNewConnectionIsToldBeforeItIsUsed() {
		AtomicInteger told = new AtomicInteger();
		this.lanes.onNewConnection(() -> {
			assertThat(this.operation.runs).hasSize(told.get());
			told.incrementAndGet();
		});
		this.lanes.write("tenant", new Named("session"), this.operation, "a").onErrorComplete().subscribe();
		assertThat(told).hasValue(1);
		this.operation.last().fail(new R2dbcNonTransientResourceException("gone"));
		this.lanes.write("tenant", new Named("session"), this.operation, "b").onErrorComplete().subscribe();
		assertThat(told).hasValue(2);
		this.operation.last().succeed();
		this.lanes.write("tenant", new Named("session"), this.operation, "c").onErrorComplete().subscribe();
		assertThat(told).hasValue(2);
	}

	@Test
	void stoppingAnswersWhatWasAcceptedThenClosesTheConnections() {
		this.lanes.start();
		assertThat(this.lanes.isRunning()).isTrue();
		CompletableFuture<String> first = this.lanes.write("tenant", new Named("session"), this.operation, "a")
			.toFuture();
		CompletableFuture<String> second = this.lanes.write("tenant", new Named("session"), this.operation, "b")
			.toFuture();
		CompletableFuture<Void> stopped = new CompletableFuture<>();
		this.lanes.stop(() -> stopped.complete(null));
		assertUnavailable(this.lanes.write("tenant", new Named("session"), this.operation, "c").toFuture());
		assertThat(stopped).isNotDone();
		assertThat(this.connections.made).noneMatch((fake) -> fake.closed);
		this.operation.last().succeed();
		this.operation.last().succeed();
		assertThat(stopped).succeedsWithin(Duration.ofSeconds(10));
		assertThat(List.of(first, second)).extracting(CompletableFuture::join).containsExactly("a!", "b!");
		assertThat(this.connections.made).isNotEmpty().allMatch((fake) -> fake.closed);
		assertThat(this.lanes.isRunning()).isFalse();
	}

	@Test
	void stoppingEndsThoughTheDatabaseNeverAnswers() {
		this.lanes = lanes(Engine.POSTGRESQL, 1, Duration.ofMillis(100), LONG);
		this.lanes.start();
		CompletableFuture<String> call = this.lanes.write("tenant", new Named("session"), this.operation, "a")
			.toFuture();
		CompletableFuture<Void> stopped = new CompletableFuture<>();
		this.lanes.stop(() -> stopped.complete(null));
		assertThat(stopped).succeedsWithin(Duration.ofSeconds(10));
		assertUnavailable(call);
	}

	private LaneConnection onlyConnection() {
		assertThat(this.connections.made).hasSize(1);
		return this.operation.last().connection();
	}

	private Lanes lanes(Engine engine, int writers, Duration requestTimeout, Duration connectTimeout) {
		return lanes(engine, writers, 2, requestTimeout, connectTimeout);
	}

	private Lanes lanes(Engine engine, int writers, int readers, Duration requestTimeout, Duration connectTimeout) {
		Lanes lanes = new Lanes((bucket) -> this.connections, new Buckets(1), engine,
				new LaneSettings(writers, readers), new DatabaseTimes(connectTimeout, requestTimeout, LONG, LONG, LONG),
				this.loops, new SimpleMeterRegistry(), Traces.NONE);
		this.made.add(lanes);
		return lanes;
	}

	private static void assertUnavailable(CompletableFuture<String> call) {
		assertThat(call).failsWithin(Duration.ofSeconds(10))
			.withThrowableOfType(ExecutionException.class)
			.havingCause()
			.isInstanceOfSatisfying(ProblemException.class,
					(error) -> assertThat(error.problem().status()).isEqualTo(503));
	}

	/** A session. */
	private record Named(String name) implements BucketKey {

		@Override
		public int number() {
			return this.name.hashCode();
		}

	}

}
