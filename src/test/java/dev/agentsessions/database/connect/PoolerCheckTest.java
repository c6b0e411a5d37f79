package dev.agentsessions.database.connect;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

import dev.agentsessions.TestPostgres;
import dev.agentsessions.database.DatabaseTimes;
import dev.agentsessions.database.connect.postgres.PostgresConnections;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Sessions of one's own are told from those that a pooler hands round, in whichever order
 * it does.
 */
class PoolerCheckTest {

	private final DatabaseUrl url = DatabaseUrl.parse(TestPostgres.get().newDatabase());

	private final DatabaseTimes times = new DatabaseTimes(Duration.ofSeconds(4));

	private final LoopResources loops = LoopResources.create("pooler-check", 1, true);

	private final PostgresConnections connections = new PostgresConnections(
			DatabaseConfiguration.postgresql(this.url, this.times), this.times, this.loops);

	private final PoolerCheck check = new PoolerCheck(this.connections, this.url);

	@AfterEach
	void disposeLoops() {
		this.loops.dispose();
	}

	@Test
	void sessionsOfOnesOwnAreFine() {
		this.check.find(this.connections.createWithoutLimits()).as(StepVerifier::create).verifyComplete();
	}

	@Test
	void sessionsThatAreHandedRoundAreFoundOut() {
		assertFoundOut(1, Deque::addFirst);
		for (int sessions : List.of(2, 3, 10)) {
			assertFoundOut(sessions, Deque::addFirst);
			assertFoundOut(sessions, Deque::addLast);
		}
	}

	@Test
	void nothingIsSaidOfAServerThatDoesNotAnswer() {
		this.check.find(Mono.error(new IllegalStateException("no route"))).as(StepVerifier::create).verifyComplete();
	}

	private void assertFoundOut(int sessions, BiConsumer<Deque<Connection>, Connection> giveBack) {
		List<? extends Connection> opened = Flux.range(0, sessions)
			.concatMap((i) -> this.connections.createWithoutLimits())
			.collectList()
			.block();
		TransactionPooler pooler = new TransactionPooler(new ArrayDeque<>(opened), giveBack, new HashMap<>());
		this.check.find(Mono.fromSupplier(pooler::connection))
			.as(StepVerifier::create)
			.assertNext((problem) -> assertThat(problem)
				.hasMessageContaining("gives each transaction another session of PostgreSQL"))
			.verifyComplete();
		Flux.fromIterable(opened).flatMap(Connection::close).blockLast();
	}

	/**
	 * Gives a session to a connection for as long as a transaction of it lasts.
	 *
	 * @param giveBack where a session waits for the next transaction
	 */
	private record TransactionPooler(Deque<Connection> idle, BiConsumer<Deque<Connection>, Connection> giveBack,
			Map<Object, Connection> held) {

		Connection connection() {
			return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Connection.class },
					(self, method, arguments) -> method.getName().equals("close") ? Mono.empty()
							: statement(System.identityHashCode(self), (String) arguments[0]));
		}

		private Statement statement(Object client, String sql) {
			Connection session = this.held.containsKey(client) ? this.held.remove(client) : this.idle.removeFirst();
			if (sql.startsWith("begin")) {
				this.held.put(client, session);
			}
			else {
				this.giveBack.accept(this.idle, session);
			}
			return session.createStatement(sql);
		}

	}

}
