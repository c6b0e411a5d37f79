package dev.agentsessions.agent;

import dev.agentsessions.problem.Problem;
import dev.agentsessions.problem.ProblemException;

/**
 * What can be wrong with the agents of a session.
 */
public final class AgentProblems {

	private AgentProblems() {
	}

	public static ProblemException noContext() {
		return Problem
			.of(404, "agent-context-not-found", "The session has no agent context", "No agent holds this session yet.")
			.exception();
	}

	/** Somebody else switched first. */
	public static ProblemException conflict(String currentAgent) {
		return Problem
			.of(409, "agent-conflict", "Another agent holds the session",
					"from_agent is not the agent that holds the session now.")
			.with("current_agent", currentAgent)
			.exception();
	}

}
