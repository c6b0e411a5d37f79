package dev.agentsessions.access.filter;

import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.agentsessions.access.AccessProblems;
import dev.agentsessions.problem.ProblemException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

import static java.util.function.Function.identity;

/**
 * Counts who was not let in, and why: many that are invalid are somebody who guesses, or
 * a caller whose key was taken back.
 */
final class RefusedCallers {

	private final Map<String, Counter> counters;

	RefusedCallers(MeterRegistry meters) {
		this.counters = Stream
			.of(AccessProblems.MISSING, AccessProblems.INVALID, AccessProblems.FORBIDDEN, AccessProblems.UNAVAILABLE)
			.collect(Collectors.toMap(identity(),
					(reason) -> Counter.builder("store.access.refused")
						.tag("reason", reason)
						.description("requests whose caller was not let in")
						.register(meters)));
	}

	/** Counts a refusal by its reason, and gives it back. */
	ProblemException count(ProblemException refusal) {
		Objects.requireNonNull(this.counters.get(AccessProblems.reason(refusal.problem()))).increment();
		return refusal;
	}

}
