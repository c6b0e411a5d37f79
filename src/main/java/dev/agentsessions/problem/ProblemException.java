package dev.agentsessions.problem;

/**
 * Carries a {@link Problem} to whoever answers the request. It is an expected answer, not
 * a fault, so it has no stack trace and costs what an object costs.
 */
public class ProblemException extends RuntimeException {

	private final transient Problem problem;

	protected ProblemException(Problem problem) {
		super(problem.name() + ": " + problem.detail(), null, false, false);
		this.problem = problem;
	}

	public Problem problem() {
		return this.problem;
	}

}
