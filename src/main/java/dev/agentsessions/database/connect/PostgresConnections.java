package dev.agentsessions.database.connect;

import java.lang.reflect.Constructor;
import java.net.SocketAddress;

import io.r2dbc.postgresql.ConnectionFunction;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.client.Client;
import io.r2dbc.postgresql.client.ConnectionSettings;
import io.r2dbc.postgresql.client.ReactorNettyClient;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import io.r2dbc.spi.Result;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/**
 * Opens connections to PostgreSQL that can be closed at any time, by anybody, from
 * anywhere: see {@link PostgresClient}. What cannot be opened leaves nothing open: the
 * driver forgets a socket whose server refuses it, or whose caller does not wait for it.
 */
public final class PostgresConnections implements ConnectionFactory {

	private final PostgresqlConnectionFactory driver;

	private final LoopResources loops;

	private final @Nullable String first;

	public PostgresConnections(PostgresqlConnectionConfiguration configuration, LoopResources loops) {
		this(configuration, loops, null);
	}

	/**
	 * Connections that begin with a statement.
	 * @param first a setting of the session: a parameter of the connection would be
	 * refused by poolers that do not know it
	 */
	public PostgresConnections(PostgresqlConnectionConfiguration configuration, LoopResources loops,
			@Nullable String first) {
		this.driver = driver(PostgresConnections::connect, configuration);
		this.loops = loops;
		this.first = first;
	}

	@Override
	public Mono<PostgresqlConnection> create() {
		return Mono.defer(() -> {
			OpenedChannels channels = new OpenedChannels(this.loops);
			Mono<PostgresqlConnection> connected = this.driver.create();
			if (this.first != null) {
				connected = connected.flatMap((connection) -> connection.createStatement(this.first)
					.execute()
					.flatMap(Result::getRowsUpdated)
					.then(Mono.just(connection)));
			}
			return connected.contextWrite((context) -> context.put(OpenedChannels.class, channels))
				.doOnError((error) -> channels.close())
				.doOnCancel(channels::close);
		});
	}

	private static Mono<Client> connect(SocketAddress endpoint, ConnectionSettings settings) {
		return Mono.deferContextual((context) -> {
			OpenedChannels channels = context.get(OpenedChannels.class);
			return ReactorNettyClient.connect(endpoint, settings.mutate((same) -> same.loopResources(channels)))
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
