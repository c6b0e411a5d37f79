package dev.agentsessions.database.lane;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import dev.agentsessions.SilentLoggers;
import dev.agentsessions.database.Buckets;
import dev.agentsessions.database.DatabaseTimes;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.LaneSettings;
import dev.agentsessions.database.connect.DatabaseConfiguration;
import dev.agentsessions.database.connect.DatabaseSettings;
import dev.agentsessions.database.connect.DatabaseUrl;
import dev.agentsessions.database.connect.postgres.PostgresConnections;
import dev.agentsessions.database.lane.operation.Answer;
import dev.agentsessions.database.lane.operation.LaneConnection;
import dev.agentsessions.database.lane.operation.LaneOperation;
import dev.agentsessions.tracing.Traces;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.util.concurrent.EventExecutor;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;

import org.springframework.r2dbc.core.DatabaseClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Connections that end in any way: with an error and more messages behind it, in one
 * packet, at any stage. Everything that uses them goes on.
 */
class DyingConnectionsIT {

	private static final int CONNECTIONS = 300;

	private static final int WRITERS = 16;

	private static final Duration SHORT = Duration.ofSeconds(1);

	/** Some come too late for anybody to be told. */
	@RegisterExtension
	static final SilentLoggers silent = SilentLoggers.of("reactor.core", "io.r2dbc.postgresql.client",
			"dev.agentsessions.database", "dev.agentsessions.problem");

	private final long seed = System.nanoTime();

	private final FakePostgres server = new FakePostgres(this.seed);

	private final LoopResources loops = LoopResources.create("dying", 1, 2, true, false);

	private final List<EventExecutor> eachLoop = Flux.fromIterable(this.loops.onServer(LoopResources.DEFAULT_NATIVE))
		.collectList()
		.block();

	private final DatabaseTimes times = new DatabaseTimes(SHORT, Duration.ofSeconds(2), SHORT, SHORT, SHORT);

	private final PostgresConnections connections = connections(this.server.port());

	private final Lanes lanes = new Lanes((bucket) -> this.connections, new Buckets(1), Engine.POSTGRESQL,
			new LaneSettings(2, 2), this.times, this.loops, new SimpleMeterRegistry(), Traces.NONE);

	private final ConnectionPool pool = DatabaseConfiguration.connectionPool(this.connections,
			new DatabaseSettings(DatabaseUrl.parse("h2:mem:none"), 4, Duration.ofSeconds(2), 1), this.times);

	private final AtomicInteger numbers = new AtomicInteger();

	private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();

	private final Set<String> writers = ConcurrentHashMap.newKeySet();

	private final AtomicBoolean over = new AtomicBoolean();

	DyingConnectionsIT() throws IOException {
	}

	@BeforeEach
	void start() {
		DatabaseClient.create(this.connections); // loads classes, which blocks
	}

	@AfterEach
	void stop() throws IOException {
		this.over.set(true);
		this.lanes.stop();
		this.pool.dispose();
		this.server.close();
		this.loops.dispose();
	}

	@Test
	void everyEventLoopGoesOnAndNothingIsLostOrDoubled() throws IOException {
		System.out.println("dying connections: seed " + this.seed);
		this.lanes.start();
		for (int i = 0; i < WRITERS; i++) {
			String session = "session" + i;
			repeat(i, () -> write(session));
		}
		for (int i = 0; i < 4; i++) {
			repeat(i, this::readFromPool);
			repeat(i, this::listen);
		}
		await("seed " + this.seed).atMost(Duration.ofSeconds(60)).until(() -> this.server.broken.get() >= CONNECTIONS);
		this.server.heal();
		this.writers.clear();
		assertThatEachLoopTurns();
		await("each writes again, seed " + this.seed).atMost(Duration.ofSeconds(10))
			.until(() -> this.writers.size() == WRITERS);
		assertThatEachLoopTurns();
		Set<String> lost = new TreeSet<>(this.acknowledged);
		lost.removeAll(this.server.committed);
		assertThat(lost).as("lost, seed " + this.seed).isEmpty();
		List<String> doubled = new ArrayList<>(this.server.committed);
		new TreeSet<>(doubled).forEach(doubled::remove);
		assertThat(doubled).as("doubled, seed " + this.seed).isEmpty();
	}

	@Test
	void aConnectionThatIsNotOpenedInTimeLeavesNoSocketOpen() throws IOException {
		try (ServerSocket silent = silentServer()) {
			connections(silent.getLocalPort()).create().timeout(Duration.ofMillis(100)).onErrorComplete().block();
			assertThatClientHangsUp(silent.accept());
		}
	}

	@Test
	void aServerThatTakesNothingIsLeftInBoundedTime() throws IOException {
		this.server.heal();
		PostgresqlConnection open = this.connections.create().block();
		this.server.stopReading();
		open.createStatement(FakePostgres.WRITE).bind(0, "1".repeat(20 << 20)).execute().subscribe();
		assertThat(open.close().blockOptional(Duration.ofSeconds(5))).isEmpty();
		assertThat(Mono.from(((Connection) open).validate(io.r2dbc.spi.ValidationDepth.LOCAL)).block()).isFalse();
	}

	/** As long as the test lasts, always on the same event loop. */
	private void repeat(int caller, Supplier<Mono<?>> work) {
		EventExecutor loop = this.eachLoop.get(caller % this.eachLoop.size());
		Mono.defer(work)
			.onErrorResume((error) -> Mono.empty())
			.repeat(() -> !this.over.get())
			.subscribeOn(Schedulers.fromExecutor(loop))
			.subscribe();
	}

	private Mono<?> write(String session) {
		String number = Integer.toString(this.numbers.incrementAndGet());
		return this.lanes.write("tenant", session::hashCode, Writing.INSTANCE, number).doOnNext((answer) -> {
			this.acknowledged.add(number);
			this.writers.add(session);
		});
	}

	private Mono<?> readFromPool() {
		return Flux.usingWhen(this.pool.create(), (connection) -> run(connection, FakePostgres.LOCK), Connection::close)
			.then()
			.timeout(SHORT);
	}

	/** As the connection for wake-ups does it. */
	private Mono<?> listen() {
		return Mono
			.usingWhen(this.connections.create(),
					(connection) -> run(connection, "listen channel")
						.then(Mono.firstWithSignal(connection.getNotifications().then(),
								run(connection, FakePostgres.LOCK).repeat(() -> !this.over.get()).then()))
						.timeout(SHORT),
					PostgresqlConnection::close);
	}

	private static Mono<Void> run(Connection connection, String sql) {
		return Flux.from(connection.createStatement(sql).execute()).flatMap(Result::getRowsUpdated).then();
	}

	private void assertThatEachLoopTurns() {
		for (EventExecutor loop : this.eachLoop) {
			assertThat(loop.submit(() -> {
			}).awaitUninterruptibly(100, TimeUnit.MILLISECONDS)).as(loop + " turns, seed " + this.seed).isTrue();
		}
	}

	private PostgresConnections connections(int port) {
		return new PostgresConnections(
				DatabaseConfiguration
					.postgresql(DatabaseUrl.parse("postgresql://test:test@127.0.0.1:" + port + "/test"), this.times),
				this.times, this.loops);
	}

	private static ServerSocket silentServer() throws IOException {
		return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
	}

	private static void assertThatClientHangsUp(Socket socket) throws IOException {
		try (socket) {
			socket.setSoTimeout(5000);
			socket.getInputStream().readAllBytes();
		}
	}

	/** Numbers, written in one transaction. */
	private enum Writing implements LaneOperation<String, String> {

		INSTANCE;

		@Override
		public Mono<List<Answer<String>>> run(LaneConnection lane, List<String> requests) {
			Connection connection = lane.connection();
			String all = String.join(",", requests);
			Mono<Void> lock = DyingConnectionsIT.run(connection, FakePostgres.LOCK);
			Mono<Void> write = Mono
				.defer(() -> Flux.from(connection.createStatement(FakePostgres.WRITE).bind(0, all).execute())
					.flatMap(Result::getRowsUpdated)
					.then());
			return lane.atomically(() -> lane.together(lock, lock.thenReturn(all)), (locked) -> List.of(write))
				.thenReturn(requests.stream().map(Answer::of).toList());
		}

	}

}
