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
		return tooMany("This tenant has " + most + " streams on this replica, which is the most it may have.");
	}

	/** What the tenant's streams follow together is counted, too. */
	static ProblemException tooManySessions(int most) {
		return tooMany("The streams of this tenant on this replica may follow " + most
				+ " sessions together, and would follow more.");
	}

	private static ProblemException tooMany(String detail) {
		return Problem.of(429, "too-many-streams", "Too many streams", detail).retryAfter(1).exception();
	}

}
