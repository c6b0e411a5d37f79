package dev.agentsessions.database.lane.operation;

import java.util.List;

import reactor.core.publisher.Mono;

/**
 * One kind of work that a lane does: what a batch is, in SQL. It says nothing about
 * threads, queues or time. One instance serves all requests of its kind; requests of two
 * operations never share a batch.
 *
 * @param <Q> a request, a value
 * @param <A> its answer
 */
public interface LaneOperation<Q, A> {

	/**
	 * Runs all the requests and answers each, in their order. Nothing may be emitted
	 * before everything is committed: rows leave the server before the commit does, and a
	 * commit can fail. An error means that nothing was done.
	 */
	Mono<List<Answer<A>>> run(LaneConnection connection, List<Q> requests);

	/** The approximate size of a request in bytes. */
	default long size(Q request) {
		return 0;
	}

	/** Whether nothing may come behind this request in its batch. */
	default boolean endsBatch(Q request) {
		return false;
	}

	/**
	 * Whether it writes nothing, so that a request without an answer can simply be made
	 * again.
	 */
	default boolean isRead() {
		return false;
	}

	/**
	 * Whether one of these reads costs as much as many others, which shall not wait
	 * behind it.
	 */
	default boolean isHeavy() {
		return false;
	}

	/**
	 * Hears what has been done, whether or not anybody still waits for it: once for each
	 * batch, when the callers have been sent their answers. What it does holds up the
	 * lane.
	 */
	default void done(List<Q> requests, List<Answer<A>> answers) {
	}

}
