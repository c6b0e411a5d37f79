package dev.agentsessions.session;

import dev.agentsessions.problem.Problem;
import dev.agentsessions.problem.ProblemException;

/**
 * What can be wrong with a session.
 */
public final class SessionProblems {

	private SessionProblems() {
	}

	/** It never existed, or was purged. */
	public static ProblemException notFound() {
		return Problem.of(404, "session-not-found", "The session does not exist", "There is no session with this id.")
			.exception();
	}

	/** It is soft-deleted: it can be restored. */
	public static ProblemException deleted() {
		return Problem
			.of(410, "session-deleted", "The session is deleted",
					"The session is soft-deleted; POST …/restore brings it back.")
			.exception();
	}

	public static ProblemException exists() {
		return Problem.of(409, "session-exists", "The session exists", "A session with this id exists already.")
			.exception();
	}

	public static ProblemException notDeleted() {
		return Problem.of(409, "session-not-deleted", "The session is not deleted", "There is nothing to restore.")
			.exception();
	}

}
