package dev.agentsessions.access;

import dev.agentsessions.problem.Problem;
import dev.agentsessions.problem.ProblemException;

import org.springframework.http.HttpHeaders;

/**
 * What a caller is told who is not let in (RFC 6750). It never repeats what was sent.
 */
public final class AccessProblems {

	private static final String CHALLENGE = "Bearer realm=\"agent-session-store\"";

	/** Reasons, for metrics: no key or token was sent. */
	public static final String MISSING = "missing";

	public static final String INVALID = "invalid";

	public static final String FORBIDDEN = "forbidden";

	/** It can't be found out who it is. */
	public static final String UNAVAILABLE = "unavailable";

	private AccessProblems() {
	}

	/** Nothing was presented. */
	public static ProblemException missing(String detail) {
		return unauthorized(detail, CHALLENGE);
	}

	/** What was presented is not valid, or no longer. */
	public static ProblemException invalid(String detail) {
		return unauthorized(detail, CHALLENGE + ", error=\"invalid_token\"");
	}

	/** The caller is known, but may not do this. */
	public static ProblemException forbidden(String detail) {
		return Problem.of(403, "forbidden", "Not allowed", detail).exception();
	}

	/** Why somebody is told this. */
	public static String reason(Problem problem) {
		return switch (problem.status()) {
			case 401 -> CHALLENGE.equals(problem.headers().get(HttpHeaders.WWW_AUTHENTICATE)) ? MISSING : INVALID;
			case 403 -> FORBIDDEN;
			default -> UNAVAILABLE;
		};
	}

	private static ProblemException unauthorized(String detail, String challenge) {
		return Problem.of(401, "unauthorized", "The caller is not known", detail)
			.header(HttpHeaders.WWW_AUTHENTICATE, challenge)
			.exception();
	}

}
