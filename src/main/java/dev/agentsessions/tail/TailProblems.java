package dev.agentsessions.tail;

import dev.agentsessions.problem.Problem;
import dev.agentsessions.problem.ProblemException;

/**
 * What can be wrong with a position, and with one stream more.
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

	/** The tenant has its share; the replica may have room for others. */
	static ProblemException tooManyStreams(int most) {
		return Problem
			.of(429, "too-many-streams", "Too many streams",
					"This tenant has " + most + " streams on this replica, which is the most it may have.")
			.retryAfter(1)
			.exception();
	}

}
