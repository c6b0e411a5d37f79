package dev.agentsessions.database;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import dev.agentsessions.tracing.Traces;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import reactor.core.publisher.Mono;

import org.springframework.r2dbc.core.DatabaseClient;

/**
 * A database in which every statement fails with the same error, and is counted.
 */
public final class FailingDatabase implements ConnectionFactory {

	private final Throwable error;

	private final AtomicInteger statements = new AtomicInteger();

	public FailingDatabase(Throwable error) {
		this.error = error;
	}

	public DatabaseClient client() {
		return DatabaseClient.create(this);
	}

	public DatabaseCalls calls() {
		return new DatabaseCalls(Engine.POSTGRESQL, new Buckets(1), new DatabaseTimes(Duration.ofSeconds(4)),
				Traces.NONE);
	}

	/** How many statements have failed. */
	public int statements() {
		return this.statements.get();
	}

	@Override
	public Mono<Connection> create() {
		return Mono.defer(() -> {
			this.statements.incrementAndGet();
			return Mono.error(this.error);
		});
	}

	@Override
	public ConnectionFactoryMetadata getMetadata() {
		return () -> "PostgreSQL";
	}

}
