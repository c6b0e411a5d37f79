package dev.agentsessions.database.connect;

import java.time.Duration;
import java.util.Map;

import dev.agentsessions.database.Buckets;
import dev.agentsessions.database.DatabaseCalls;
import dev.agentsessions.database.DatabaseTimes;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.LaneSettings;
import dev.agentsessions.database.PoolPlaces;
import dev.agentsessions.database.connect.postgres.PostgresConnections;
import dev.agentsessions.database.health.DatabaseHealth;
import dev.agentsessions.database.health.DatabaseQuestion;
import dev.agentsessions.database.health.ReadinessTimes;
import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.database.lane.operation.LaneConnection;
import dev.agentsessions.settings.SetupException;
import dev.agentsessions.tracing.Traces;
import io.micrometer.core.instrument.MeterRegistry;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.client.SSLMode;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.Option;
import io.r2dbc.spi.ValidationDepth;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;

/**
 * Everything that connects while requests are served: one URL, a factory for the lanes, a
 * pool for the rest. Every wait has a bound.
 */
@Configuration(proxyBeanMethods = false)
public class DatabaseConfiguration {

	/**
	 * Which plan is good may depend on a statement's values. What each looks for has an
	 * index, which is the better way also where a table seems to be small.
	 */
	private static final String PLAN_ANEW = "; set plan_cache_mode = force_custom_plan; set enable_seqscan = off;"
			+ " set jit = off";

	private static final Logger log = LoggerFactory.getLogger(DatabaseConfiguration.class);

	@Bean
	DatabaseUrl databaseUrl(DatabaseSettings settings) {
		log.info("The database is {}", settings.url());
		return settings.url();
	}

	@Bean
	DatabaseTimes databaseTimes(DatabaseSettings settings) {
		return new DatabaseTimes(settings.requestTimeout());
	}

	@Bean
	Buckets buckets(DatabaseUrl url, DatabaseSettings settings) {
		if (url.engine() == Engine.H2 && settings.buckets() > 1) {
			throw new SetupException("An embedded H2 database has one bucket.",
					"Let DATABASE_URL name a PostgreSQL, or leave STORE_DATABASE_BUCKETS out.");
		}
		return new Buckets(settings.buckets());
	}

	@Bean
	ConnectBackoff connectBackoff() {
		return new ConnectBackoff(System::nanoTime);
	}

	/** Connections that belong to nobody yet: each lane opens its own. */
	@Bean
	ConnectionFactory laneConnections(DatabaseUrl url, DatabaseTimes times, LoopResources loops, Buckets buckets) {
		return (url.engine() == Engine.H2) ? ConnectionFactories.get(h2(url)) : inBucket(url, times, loops, buckets, 0);
	}

	private static PostgresConnections inBucket(DatabaseUrl url, DatabaseTimes times, LoopResources loops,
			Buckets buckets, int bucket) {
		String searchPath = (buckets.count() == 1) ? "" : "; " + BucketedPool.searchPath(buckets, bucket);
		return new PostgresConnections(postgresql(url, times), times, loops, searchPath);
	}

	@Bean(destroyMethod = "dispose")
	ConnectionPool connectionPool(@Qualifier("laneConnections") ConnectionFactory lanes, DatabaseUrl url,
			DatabaseSettings settings, DatabaseTimes times, LoopResources loops, ConnectBackoff backoff) {
		return connectionPool(backoff.guard((url.engine() == Engine.H2) ? lanes
				: new PostgresConnections(postgresql(url, times), times, loops, PLAN_ANEW)), settings, times);
	}

	/** What statements of no lane run on. */
	@Bean
	@Primary
	ConnectionFactory pooledConnections(ConnectionPool pool, Buckets buckets) {
		return new BucketedPool(pool, buckets);
	}

	public static ConnectionPool connectionPool(ConnectionFactory connections, DatabaseSettings settings,
			DatabaseTimes times) {
		return new ConnectionPool(ConnectionPoolConfiguration.builder(connections)
			.initialSize(0)
			.maxSize(settings.poolSize())
			// an acquisition is tried again at once on a dead connection: after a restart
			// all of them are dead
			.acquireRetry(settings.poolSize() + 2)
			.maxAcquireTime(times.connect().plusSeconds(1))
			.maxCreateConnectionTime(times.connect())
			.maxValidationTime(times.lock())
			.validationDepth(ValidationDepth.REMOTE)
			.maxLifeTime(Duration.ofMinutes(30))
			.maxIdleTime(Duration.ofMinutes(5))
			.build());
	}

	@Bean
	Engine engine(DatabaseUrl url) {
		return url.engine();
	}

	@Bean
	Lanes lanes(@Qualifier("laneConnections") ConnectionFactory connections, DatabaseUrl url, Buckets buckets,
			LaneSettings lanes, DatabaseTimes times, LoopResources loops, ConnectBackoff backoff, MeterRegistry meters,
			Traces traces) {
		return new Lanes(
				(bucket) -> backoff.guard((bucket == 0) ? connections : inBucket(url, times, loops, buckets, bucket)),
				buckets, url.engine(), lanes, times, loops, meters, traces);
	}

	@Bean
	DatabaseCalls databaseCalls(Engine engine, Buckets buckets, DatabaseTimes times, Traces traces) {
		return new DatabaseCalls(engine, buckets, times, traces);
	}

	@Bean
	PoolPlaces poolPlaces(DatabaseSettings settings, Buckets buckets) {
		return new PoolPlaces(settings.poolSize(), buckets);
	}

	/** Its name is what health calls it. */
	@Bean
	DatabaseHealth database(DatabaseQuestion question, ReadinessTimes times, MeterRegistry meters) {
		return new DatabaseHealth(question.ask(), times, Schedulers.parallel(), meters);
	}

	@Bean(destroyMethod = "disconnect")
	DatabaseQuestion databaseQuestion(@Qualifier("laneConnections") ConnectionFactory connections, Engine engine,
			Buckets buckets, DatabaseTimes times) {
		Mono<LaneConnection> connect = Mono.defer(() -> Mono.from(connections.create()))
			.subscribeOn(engine.scheduler())
			.timeout(times.connect())
			.map((connection) -> new LaneConnection(connection, engine));
		return new DatabaseQuestion(() -> connect, Schema.newestChange(engine), buckets);
	}

	private static ConnectionFactoryOptions h2(DatabaseUrl url) {
		int colon = url.database().indexOf(':');
		return ConnectionFactoryOptions.builder()
			.option(ConnectionFactoryOptions.DRIVER, "h2")
			.option(ConnectionFactoryOptions.PROTOCOL, url.database().substring(0, colon))
			.option(ConnectionFactoryOptions.DATABASE, url.database().substring(colon + 1))
			.option(Option.valueOf("options"), DatabaseUrl.H2_SETTINGS.substring(1))
			.build();
	}

	public static PostgresqlConnectionConfiguration postgresql(DatabaseUrl url, DatabaseTimes times) {
		PostgresqlConnectionConfiguration.Builder configuration = PostgresqlConnectionConfiguration.builder()
			.host(url.host())
			.port(url.port())
			.database(url.database())
			.username(url.username())
			.connectTimeout(times.connect())
			.applicationName(url.parameters().getOrDefault("application_name", "agent-session-store"))
			.tcpKeepAlive(true);
		if (url.password() != null) {
			configuration.password(url.password());
		}
		tls(url.parameters(), configuration);
		return configuration.build();
	}

	private static void tls(Map<String, String> parameters, PostgresqlConnectionConfiguration.Builder configuration) {
		// what PostgreSQL's own clients do when nothing is said
		configuration.sslMode(SSLMode.PREFER);
		parameters.forEach((name, value) -> {
			try {
				tls(name, value, configuration);
			}
			catch (IllegalArgumentException ex) {
				String why = name.equals("sslmode")
						? "sslmode must be disable, allow, prefer, require, verify-ca or verify-full, but is " + value
						: name + " names no file that can be read: " + value;
				throw new SetupException(String.valueOf(DatabaseUrl.wrong(why).getMessage()),
						"Set DATABASE_URL=postgresql://user:password@host:5432/database, or leave it out for an embedded H2 file.");
			}
		});
	}

	private static void tls(String name, String value, PostgresqlConnectionConfiguration.Builder configuration) {
		switch (name) {
			case "sslmode" -> configuration.sslMode(SSLMode.fromValue(value));
			case "sslrootcert" -> configuration.sslRootCert(value);
			case "sslcert" -> configuration.sslCert(value);
			case "sslkey" -> configuration.sslKey(value);
			default -> {
			}
		}
	}

}
