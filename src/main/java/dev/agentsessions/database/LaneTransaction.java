package dev.agentsessions.database;

import java.util.List;
import java.util.function.BiFunction;

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

	/**
	 * Makes an operation of what happens between BEGIN and COMMIT.
	 * @param work the statements; it must emit one value
	 */
	public LaneTransaction(BiFunction<LaneConnection, Q, Mono<A>> work) {
		this.work = work;
	}

	@Override
	public Mono<List<Answer<A>>> run(LaneConnection connection, List<Q> requests) {
		return connection.atomically((client) -> this.work.apply(connection, requests.get(0)))
			.map(Answer::of)
			.onErrorResume(ProblemException.class, (problem) -> Mono.just(Answer.failed(problem)))
			.map(List::of);
	}

	@Override
	public int maxRequests() {
		return 1;
	}

}
