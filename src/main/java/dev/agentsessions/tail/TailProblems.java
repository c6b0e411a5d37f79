package dev.agentsessions.tail;

import dev.agentsessions.problem.Problem;
import dev.agentsessions.problem.ProblemException;

/**
 * What can be wrong with a position.
 */
final class TailProblems {

	private TailProblems() {
	}

	/** It is one that the session has not come to. */
	static ProblemException positionAhead() {
		return Problem
			.of(400, "position-ahead", "The position is ahead of the log",
					"The session has no such message or switch yet.")
			.exception();
	}

}
