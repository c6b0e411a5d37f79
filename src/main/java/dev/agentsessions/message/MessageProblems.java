package dev.agentsessions.message;

import dev.agentsessions.problem.Problem;
import dev.agentsessions.problem.ProblemException;

/**
 * What can be wrong with a log and a message.
 */
public final class MessageProblems {

	private static final String CONFLICT = "sequence-conflict";

	private MessageProblems() {
	}

	public static ProblemException notFound() {
		return Problem
			.of(404, "message-not-found", "The message does not exist", "The session has no message with this seq.")
			.exception();
	}

	/** Somebody else appended, or changed the view, first. */
	public static ProblemException conflict(long lastSeq, long viewNo) {
		return Problem
			.of(412, CONFLICT, "The session has moved on",
					"If-Match does not name the session's view; it is \"" + lastSeq + "-" + viewNo + "\".")
			.with("last_seq", lastSeq)
			.with("view_no", viewNo)
			.exception();
	}

	/** Somebody else appended first. */
	public static ProblemException conflict(long lastSeq) {
		return Problem
			.of(412, CONFLICT, "The session has moved on",
					"If-Match does not name the session's last message; it is " + lastSeq + ".")
			.with("last_seq", lastSeq)
			.exception();
	}

}
