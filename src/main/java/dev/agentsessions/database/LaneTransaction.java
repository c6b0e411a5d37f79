package dev.agentsessions.database;

import java.util.List;
import java.util.function.BiFunction;
import java.util.function.ToLongFunction;

import dev.agentsessions.problem.ProblemException;
import reactor.core.publisher.Mono;

/**
 * Work that takes more than one statement: one request, one transaction, on the lane of
 * its session. A {@link ProblemException} rolls it back and is the caller's answer.
 *
 * @param <Q> a request, a value
 * @param <A> its answer
 */
public final class LaneTransaction<Q, A> implements LaneOperation<Q, A> {

	private final BiFunction<LaneConnection, Q, Mono<A>> work;

	private final ToLongFunction<Q> size;

	/**
	 * Makes an operation of what happens between BEGIN and COMMIT.
	 * @param work the statements; it must emit one value
	 * @param size the approximate bytes of a request
	 */
	public LaneTransaction(BiFunction<LaneConnection, Q, Mono<A>> work, ToLongFunction<Q> size) {
		this.work = work;
		this.size = size;
	}

	@Override
	public Mono<List<Answer<A>>> run(LaneConnection connection, List<Q> requests) {
		return connection.atomically((client) -> this.work.apply(connection, requests.get(0)))
			.map(Answer::of)
			.onErrorResume(ProblemException.class, (problem) -> Mono.just(Answer.failed(problem)))
			.map(List::of);
	}

	@Override
	public long size(Q request) {
		return this.size.applyAsLong(request);
	}

	@Override
	public int maxRequests() {
		return 1;
	}

}
