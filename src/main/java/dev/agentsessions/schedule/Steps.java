package dev.agentsessions.schedule;

import java.util.List;

import reactor.core.Exceptions;
import reactor.core.publisher.Flux;

/**
 * Steps of one run of a job. None of them keeps those behind it from being done.
 */
public final class Steps {

	private Steps() {
	}

	/**
	 * Does them one after the other, also if some fail; then it ends with one of the
	 * errors.
	 */
	public static <T> Flux<T> all(List<Flux<T>> steps) {
		return Flux.concatDelayError(Flux.fromIterable(steps))
			.onErrorMap(Exceptions::isMultiple, (errors) -> Exceptions.unwrapMultiple(errors).get(0));
	}

}
