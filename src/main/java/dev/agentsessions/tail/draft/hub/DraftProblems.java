package dev.agentsessions.tail.draft.hub;

import java.time.Duration;

import dev.agentsessions.problem.Problem;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;

/**
 * What can be wrong with a draft.
 */
public final class DraftProblems {

	private DraftProblems() {
	}

	/** The writer would go on at another place than the draft has come to. */
	public static ProblemException offset(long offset) {
		return Problem
			.of(409, "draft-offset", "The draft is not there",
					"The draft has " + offset + " code points; offset must say so to go on with it.")
			.with("offset", offset)
			.exception();
	}

	public static ProblemException taken() {
		return Problem
			.of(409, "draft-taken", "Another writer goes on with the draft",
					"Another request writes to this draft now; what was not stored of this one's text is cut off.")
			.exception();
	}

	public static ProblemException shuttingDown() {
		return Problems.busy("This replica is shutting down.");
	}

	/** It did not get to the database, and is cut off. */
	static ProblemException notStored() {
		return Problems
			.busy("The end of the draft's text could not be stored; see whether it is open, and where it has come to.");
	}

	static ProblemException silent(Duration silence) {
		return Problem
			.of(408, "draft-silent", "The draft was discarded",
					"Nothing was said for " + silence.toSeconds() + " s. An empty text says that it goes on.")
			.exception();
	}

	/** There are too many others that are long, of its tenant or of all. */
	public static ProblemException noRoom() {
		return Problems.busy("This replica has as many texts of drafts as it takes at a time, of a tenant or of all.");
	}

	public static ProblemException tooMany(String whose, int most) {
		return Problem
			.of(429, "too-many-drafts", "Too many drafts",
					"The " + whose + " has " + most + " open drafts, which is the most it may have.")
			.retryAfter(1)
			.exception();
	}

}
