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
 * Connections of a pool, each looking for tables in the bucket that its next statement is
 * for, which {@link dev.agentsessions.database.DatabaseCalls} says in the context.
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
		return (this.buckets.count() == 1) ? this.pool.create()
				: Mono.deferContextual((context) -> Mono.from(this.pool.create())
					.flatMap((connection) -> lookIn(context.<Integer>get(Buckets.class), connection)));
	}

	/** SQL that has a connection look for tables in this bucket. */
	static String searchPath(Buckets buckets, int bucket) {
		return "set search_path = " + buckets.schema(bucket);
	}

	/** One for which that fails goes back to where it came from. */
	private Mono<Connection> lookIn(int bucket, Connection connection) {
		return Flux.from(connection.createStatement(searchPath(this.buckets, bucket)).execute())
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
