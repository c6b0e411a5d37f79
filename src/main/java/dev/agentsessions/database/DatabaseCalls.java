package dev.agentsessions.database;

import java.time.Duration;
import java.util.List;

import dev.agentsessions.problem.Problems;
import dev.agentsessions.tracing.Traces;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Single statements on pooled connections, for everything that is not hot, each in one
 * bucket. A caller that goes away does not cancel them: the connection goes back to the
 * pool only when its statement has ended. They are bounded in time, and an unreachable
 * database is a clear 503.
 */
public final class DatabaseCalls {

	/** As many of the pool's connections as one caller takes. */
	static final int IN_PARALLEL = 4;

	private final Engine engine;

	private final Buckets buckets;

	private final Duration timeout;

	private final Traces traces;

	public DatabaseCalls(Engine engine, Buckets buckets, DatabaseTimes times, Traces traces) {
		this.traces = traces;
		this.engine = engine;
		this.buckets = buckets;
		this.timeout = times.request();
	}

	public Engine engine() {
		return this.engine;
	}

	public Buckets buckets() {
		return this.buckets;
	}

	/**
	 * A statement that changes something. Errors: 503, also when it is not known whether
	 * it did.
	 */
	public <T> Mono<T> write(int bucket, Mono<T> statement) {
		return shielded(bucket, statement).onErrorMap((error) -> SqlErrors.translate(error, Problems.outcomeUnknown()));
	}

	/** A look-up of at most one row. Errors: 503. */
	public <T> Mono<T> find(int bucket, Mono<T> statement) {
		return shielded(bucket, statement)
			.onErrorMap((error) -> SqlErrors.translate(error, Problems.busy("The database did not answer in time.")));
	}

	/** A look-up of some rows. Errors: 503. */
	public <T> Mono<List<T>> findAll(int bucket, Flux<T> statement) {
		return find(bucket, statement.collectList());
	}

	/**
	 * A look-up of some rows in each bucket, of all at once; one list for each. Errors:
	 * 503.
	 */
	public <T> Mono<List<List<T>>> findInEach(Flux<T> statement) {
		return this.buckets.together((bucket) -> findAll(bucket, statement), IN_PARALLEL);
	}

	private <T> Mono<T> shielded(int bucket, Mono<T> statement) {
		Mono<T> there = statement.contextWrite((context) -> context.put(Buckets.class, bucket));
		return this.traces.span("statement", "pool", Mono
			.fromFuture(() -> there.subscribeOn(this.engine.scheduler()).timeout(this.timeout).toFuture(), true));
	}

}
