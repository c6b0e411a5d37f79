package dev.agentsessions.database.connect.postgres;

import java.lang.reflect.Constructor;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.function.Function;

import dev.agentsessions.database.DatabaseTimes;
import io.netty.resolver.AddressResolverGroup;
import io.r2dbc.postgresql.ConnectionFunction;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.client.Client;
import io.r2dbc.postgresql.client.ConnectionSettings;
import io.r2dbc.postgresql.client.ReactorNettyClient;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;
import reactor.netty.transport.NameResolverProvider;

/**
 * Opens connections to PostgreSQL that can be closed at any time, by anybody, from
 * anywhere: see {@link PostgresClient}. What cannot be opened leaves nothing open: the
 * driver forgets a socket whose server refuses it, or whose caller does not wait for it.
 * Each one has the time-outs of {@link DatabaseTimes}, and none leads to a standby.
 */
public final class PostgresConnections implements ConnectionFactory {

	/** For a second: after a failover a name may lead elsewhere. */
	private static final NameResolverProvider NAMES = NameResolverProvider.builder()
		.roundRobinSelection(true)
		.cacheMaxTimeToLive(Duration.ofSeconds(1))
		.build();

	private final PostgresqlConnectionFactory driver;

	private final String limits;

	private final LoopResources loops;

	private final AddressResolverGroup<?> names;

	public PostgresConnections(PostgresqlConnectionConfiguration configuration, DatabaseTimes times,
			LoopResources loops) {
		this(configuration, times, loops, "");
	}

	/**
	 * Connections whose sessions have further settings: as parameters of the connection
	 * they would be refused by poolers that do not know them.
	 * @param settings statements that set them, each after a semicolon
	 */
	public PostgresConnections(PostgresqlConnectionConfiguration configuration, DatabaseTimes times,
			LoopResources loops, String settings) {
		this.limits = "set timezone = 'UTC'; set statement_timeout = %d; set lock_timeout = %d; set idle_in_transaction_session_timeout = %d"
			.formatted(times.statement().toMillis(), times.lock().toMillis(), times.idleInTransaction().toMillis())
				+ settings + "; select pg_is_in_recovery()";
		this.loops = loops;
		this.names = NAMES.newNameResolverGroup(loops, LoopResources.DEFAULT_NATIVE);
		this.driver = driver(this::connect, configuration);
	}

	@Override
	public Mono<PostgresqlConnection> create() {
		return open(this::limit);
	}

	/** One that has changed nothing of its session yet, which may be a stranger's. */
	public Mono<PostgresqlConnection> createWithoutLimits() {
		return open((connection) -> Mono.empty());
	}

	private Mono<PostgresqlConnection> open(Function<PostgresqlConnection, Mono<Void>> prepare) {
		return Mono.defer(() -> {
			OpenedChannels channels = new OpenedChannels(this.names);
			return this.driver.create()
				.delayUntil(prepare)
				.contextWrite((context) -> context.put(OpenedChannels.class, channels))
				.doOnError((error) -> channels.close())
				.doOnCancel(channels::close);
		});
	}

	/**
	 * Sets time-outs, and the zone of times that are read as text, by a statement: as
	 * parameters of the connection a pooler would refuse them, or leave them out without
	 * a word. A standby, to which a name may lead after a failover, takes no writes, and
	 * answers reads without what has been written since.
	 */
	private Mono<Void> limit(PostgresqlConnection connection) {
		return connection.createStatement(this.limits)
			.execute()
			.concatMap((result) -> result.map((row) -> row.get(0, Boolean.class)))
			.any(Boolean::booleanValue)
			.flatMap((isStandby) -> isStandby
					? Mono.error(new R2dbcNonTransientResourceException("the server is a standby")) : Mono.empty());
	}

	private Mono<Client> connect(SocketAddress endpoint, ConnectionSettings settings) {
		return Mono.deferContextual((context) -> {
			OpenedChannels channels = context.get(OpenedChannels.class);
			return ReactorNettyClient
				.connect(endpoint,
						settings.mutate((same) -> same.loopResources(this.loops).connectionProvider(channels)))
				.map((client) -> new PostgresClient(client, channels));
		});
	}

	/**
	 * Uses a seam that the driver has for its own tests. Without it there is no start, so
	 * a release that has none is noticed at once.
	 */
	private static PostgresqlConnectionFactory driver(ConnectionFunction connect,
			PostgresqlConnectionConfiguration configuration) {
		try {
			Constructor<PostgresqlConnectionFactory> constructor = PostgresqlConnectionFactory.class
				.getDeclaredConstructor(ConnectionFunction.class, PostgresqlConnectionConfiguration.class);
			constructor.setAccessible(true);
			return constructor.newInstance(connect, configuration);
		}
		catch (ReflectiveOperationException ex) {
			throw new IllegalStateException("this release of r2dbc-postgresql connects in another way", ex);
		}
	}

	@Override
	public ConnectionFactoryMetadata getMetadata() {
		return this.driver.getMetadata();
	}

}
