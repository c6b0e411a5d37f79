package dev.agentsessions.database.connect;

import dev.agentsessions.database.Buckets;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import io.r2dbc.spi.Result;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Connections of a pool, each turned to the bucket that its next statement is for, which
 * {@link dev.agentsessions.database.DatabaseCalls} says in the context.
 */
final class BucketedPool implements ConnectionFactory {

	private final ConnectionFactory pool;

	private final Buckets buckets;

	BucketedPool(ConnectionFactory pool, Buckets buckets) {
		this.pool = pool;
		this.buckets = buckets;
	}

	@Override
	public Publisher<? extends Connection> create() {
		return Mono.deferContextual((context) -> {
			String turn = turn(this.buckets, context.<Integer>get(Buckets.class));
			return Mono.from(this.pool.create()).flatMap((connection) -> turn(connection, turn));
		});
	}

	/** The statement that has a connection look for tables in this bucket. */
	static String turn(Buckets buckets, int bucket) {
		return "set search_path = " + buckets.schema(bucket);
	}

	/** One that can't be turned goes back to where it came from. */
	private static Mono<Connection> turn(Connection connection, String turn) {
		return Flux.from(connection.createStatement(turn).execute())
			.flatMap(Result::getRowsUpdated)
			.then(Mono.just(connection))
			.onErrorResume((error) -> Mono.from(connection.close()).onErrorComplete().then(Mono.error(error)))
			.doOnCancel(() -> Mono.from(connection.close()).onErrorComplete().subscribe());
	}

	@Override
	public ConnectionFactoryMetadata getMetadata() {
		return this.pool.getMetadata();
	}

}
