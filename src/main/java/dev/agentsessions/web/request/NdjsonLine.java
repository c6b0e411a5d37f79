package dev.agentsessions.web.request;

import dev.agentsessions.problem.ProblemException;

/**
 * One line of an NDJSON body.
 *
 * @param number counted from 1, blank lines included
 * @param bytes without the line's end; empty if it is too long
 * @param tooLong whether it is longer than the limit; no line follows one that is
 */
public record NdjsonLine(long number, byte[] bytes, boolean tooLong) {

	/** What is wrong with this line, and which it is. */
	public ProblemException fault(ProblemException fault) {
		return fault.problem().after("Line " + this.number + ": ").with("line", this.number).exception();
	}

}
