package dev.agentsessions.database;

import java.time.Duration;
import java.util.List;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Single statements on pooled connections, for everything that is not hot. A caller that
 * goes away does not cancel them: the connection goes back to the pool only when its
 * statement has ended. They are bounded in time, and an unreachable database is a clear
 * 503.
 */
public final class DatabaseCalls {

	private final Engine engine;

	private final Duration timeout;

	DatabaseCalls(Engine engine, DatabaseSettings settings) {
		this.engine = engine;
		this.timeout = settings.requestTimeout();
	}

	public Engine engine() {
		return this.engine;
	}

	public <T> Mono<T> one(Mono<T> statement) {
		return Mono
			.fromFuture(() -> statement.subscribeOn(this.engine.scheduler()).timeout(this.timeout).toFuture(), true)
			.onErrorMap(SqlErrors::translate);
	}

	public <T> Mono<List<T>> all(Flux<T> statement) {
		return one(statement.collectList());
	}

}
