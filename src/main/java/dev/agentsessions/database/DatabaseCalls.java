package dev.agentsessions.database;

import java.time.Duration;
import java.util.List;

import dev.agentsessions.problem.Problems;
import dev.agentsessions.tracing.Traces;
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

	private final Traces traces;

	public DatabaseCalls(Engine engine, DatabaseTimes times, Traces traces) {
		this.traces = traces;
		this.engine = engine;
		this.timeout = times.request();
	}

	public Engine engine() {
		return this.engine;
	}

	/**
	 * A statement that changes something. Errors: 503, also when it is not known whether
	 * it did.
	 */
	public <T> Mono<T> write(Mono<T> statement) {
		return shielded(statement).onErrorMap((error) -> SqlErrors.translate(error, Problems.outcomeUnknown()));
	}

	/** A look-up of at most one row. Errors: 503. */
	public <T> Mono<T> find(Mono<T> statement) {
		return shielded(statement)
			.onErrorMap((error) -> SqlErrors.translate(error, Problems.busy("The database did not answer in time.")));
	}

	/** A look-up of some rows. Errors: 503. */
	public <T> Mono<List<T>> findAll(Flux<T> statement) {
		return find(statement.collectList());
	}

	private <T> Mono<T> shielded(Mono<T> statement) {
		return this.traces.span("statement", "pool", Mono
			.fromFuture(() -> statement.subscribeOn(this.engine.scheduler()).timeout(this.timeout).toFuture(), true));
	}

}
