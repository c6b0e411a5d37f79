package dev.agentsessions.database.lane;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Supplier;

import dev.agentsessions.database.Engine;
import dev.agentsessions.database.lane.operation.LaneConnection;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import io.r2dbc.spi.ConnectionMetadata;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Connections without a database, which remember what became of them.
 */
final class FakeConnections implements ConnectionFactory {

	/** Every connection that was made, in order. */
	final List<Fake> made = new CopyOnWriteArrayList<>();

	/** What happens before a connection is made. */
	volatile Mono<Void> before = Mono.empty();

	/** What a statement on a connection does. */
	volatile Publisher<? extends Result> statement = Flux.empty();

	/** What a commit does. */
	volatile Mono<Void> commit = Mono.empty();

	@Override
	public Mono<Connection> create() {
		return Mono.defer(() -> this.before).then(Mono.fromSupplier(() -> {
			Fake fake = new Fake(() -> this.statement, () -> this.commit);
			this.made.add(fake);
			return fake.connection;
		}));
	}

	Mono<LaneConnection> lane() {
		return create().map((connection) -> new LaneConnection(connection, Engine.POSTGRESQL));
	}

	@Override
	public ConnectionFactoryMetadata getMetadata() {
		return () -> "PostgreSQL";
	}

	/** A connection that can be cut. */
	static final class Fake {

		final Connection connection;

		volatile boolean open = true;

		volatile boolean closed;

		volatile boolean rolledBack;

		private Fake(Supplier<Publisher<? extends Result>> result, Supplier<Mono<Void>> commit) {
			ConnectionMetadata metadata = fake(ConnectionMetadata.class, (method) -> "PostgreSQL");
			Statement statement = fake(Statement.class, (method) -> method.equals("bind") ? null : result.get());
			this.connection = fake(Connection.class, (method) -> switch (method) {
				case "getMetadata" -> metadata;
				case "createStatement" -> statement;
				case "beginTransaction" -> Mono.empty();
				case "commitTransaction" -> Mono.defer(commit);
				case "rollbackTransaction" -> Mono.fromRunnable(() -> this.rolledBack = true);
				case "validate" -> Mono.fromSupplier(() -> this.open && !this.closed);
				// as with a frozen server: nobody says that it is closed
				case "close" -> Mono.never().doOnSubscribe((subscription) -> this.closed = true);
				default -> throw new UnsupportedOperationException(method);
			});
		}

		private static <T> T fake(Class<T> type, Function<String, Object> methods) {
			InvocationHandler handler = (proxy, method, arguments) -> answer(proxy, method, arguments, methods);
			return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, handler));
		}

		private static Object answer(Object proxy, Method method, Object[] arguments,
				Function<String, Object> methods) {
			return switch (method.getName()) {
				case "equals" -> proxy == arguments[0];
				case "hashCode" -> System.identityHashCode(proxy);
				case "toString" -> "fake";
				default -> methods.apply(method.getName());
			};
		}

	}

}
