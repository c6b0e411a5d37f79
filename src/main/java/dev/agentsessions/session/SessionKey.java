package dev.agentsessions.session;

import dev.agentsessions.database.BucketKey;
import dev.agentsessions.problem.InvalidInput;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import org.jspecify.annotations.Nullable;

/**
 * What every look-up is by.
 *
 * @param tenant whose session it is
 * @param sessionId 1 to 255 code points; no control character, <code>/</code> or
 * <code>\</code>; not <code>.</code> or <code>..</code>
 */
public record SessionKey(String tenant, String sessionId) implements BucketKey {

	/**
	 * The tenant of what was removed for good and waits for its rows to go, under their
	 * own ids: no caller can have it.
	 */
	public static final String PURGED = "~purged";

	/** The tenant of a fork that is not whole yet: no caller can have it. */
	public static final String FORKING = "~forking";

	/** A condition of SQL: only what a caller can have. */
	public static final String REACHABLE = "tenant not in ('" + PURGED + "', '" + FORKING + "')";

	/**
	 * What the session ids of forks begin with that came to nothing, when their tenant is
	 * {@link #PURGED}.
	 */
	public static final String LOST_FORK = "fork ";

	private static final int MAX_CODE_POINTS = 255;

	public SessionKey {
		if (tenant.equals(PURGED) || tenant.equals(FORKING)) {
			throw new IllegalArgumentException("no caller can have the tenant " + tenant);
		}
	}

	/**
	 * The key of a session that a path or query names.
	 * @throws ProblemException (400) if no session can have this id
	 */
	public static SessionKey of(String tenant, String sessionId) {
		String fault = fault(sessionId);
		if (fault != null) {
			throw Problems.invalid(InvalidInput.parameter("session_id", fault));
		}
		return new SessionKey(tenant, sessionId);
	}

	@Override
	public int number() {
		return 31 * this.tenant.hashCode() + this.sessionId.hashCode();
	}

	/** Why no session can have this id; null if one can. */
	public static @Nullable String fault(String sessionId) {
		int length = sessionId.codePointCount(0, sessionId.length());
		if (length < 1 || length > MAX_CODE_POINTS) {
			return "must have 1 to " + MAX_CODE_POINTS + " characters";
		}
		if (sessionId.equals(".") || sessionId.equals("..")) {
			return "must not be . or ..";
		}
		if (sessionId.chars().anyMatch((c) -> c == '/' || c == '\\' || Character.isISOControl(c))) {
			return "must not have control characters, / or \\";
		}
		return null;
	}

}
