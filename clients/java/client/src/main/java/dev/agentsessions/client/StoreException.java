package dev.agentsessions.client;

import java.time.Duration;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The store refused a request, or could not be asked. Each kind that a caller can act on
 * is a class in here; which one of its kind it is says {@link #problem()}.
 */
public class StoreException extends RuntimeException {

	private static final Problem NONE = new Problem(Map.of());

	private final int status;

	private final Problem problem;

	private boolean outcomeUnknown;

	StoreException(String message, @Nullable Throwable cause) {
		super(message, cause);
		this.status = 0;
		this.problem = NONE;
	}

	StoreException(int status, Problem problem) {
		super(((problem.detail() != null) ? problem.detail() : "Refused") + " (HTTP " + status + ")");
		this.status = status;
		this.problem = problem;
	}

	/** The status of the answer; 0 if none came. */
	public int status() {
		return this.status;
	}

	/** The store's problem; without a name if the store did not say any. */
	public Problem problem() {
		return this.problem;
	}

	/** Whether the problem has this name, such as {@code sequence-conflict}. */
	public boolean is(String name) {
		return this.problem.name().equals(name);
	}

	/**
	 * Whether a try of the request was left without an answer, or failed there (500), so
	 * that it may have been carried out; or {@link SessionClient#appendAll} was refused
	 * after some of its messages.
	 */
	public boolean outcomeUnknown() {
		return this.outcomeUnknown;
	}

	StoreException outcomeUnknown(boolean unknown) {
		this.outcomeUnknown = unknown;
		return this;
	}

	/** What an answer that is no success means. */
	static StoreException of(int status, Problem problem, Duration retryAfter) {
		return switch (status) {
			case 400, 406, 413, 415, 422 -> new InvalidRequest(status, problem);
			case 401, 403 -> new AccessDenied(status, problem);
			// another 404 is that of a proxy, say, that has no store behind it now
			case 404 -> problem.name().endsWith("-not-found") ? new NotFound(status, problem)
					: new StoreException(status, problem);
			case 410 -> new Deleted(status, problem);
			case 409, 412 -> new Conflict(status, problem);
			case 408, 429, 502, 503, 504 -> new Unavailable(status, problem, retryAfter)
				.outcomeUnknown(status > 429 && !problem.name().equals("busy"));
			default -> new StoreException(status, problem).outcomeUnknown(status >= 500);
		};
	}

	/** The store takes no such value, or not so much of it. */
	public static final class InvalidRequest extends StoreException {

		InvalidRequest(int status, Problem problem) {
			super(status, problem);
		}

	}

	/** The key is missing, unknown, or not allowed to do this. */
	public static final class AccessDenied extends StoreException {

		AccessDenied(int status, Problem problem) {
			super(status, problem);
		}

	}

	/**
	 * There is no such thing: {@code session-not-found}, {@code message-not-found},
	 * {@code agent-context-not-found}, {@code erasure-not-found}.
	 */
	public static final class NotFound extends StoreException {

		NotFound(int status, Problem problem) {
			super(status, problem);
		}

	}

	/** The session is soft-deleted; {@link SessionClient#restore()} brings it back. */
	public static final class Deleted extends StoreException {

		Deleted(int status, Problem problem) {
			super(status, problem);
		}

	}

	/**
	 * What is there is not what the request supposes: {@code session-exists},
	 * {@code sequence-conflict}, {@code agent-conflict}, {@code message-exists},
	 * {@code draft-offset}, {@code draft-taken}.
	 */
	public static final class Conflict extends StoreException {

		Conflict(int status, Problem problem) {
			super(status, problem);
		}

	}

	/** No answer, or "busy", until the tries or the time were used up. */
	public static final class Unavailable extends StoreException {

		private final Duration retryAfter;

		Unavailable(String message, @Nullable Throwable cause) {
			super(message, cause);
			this.retryAfter = Duration.ZERO;
		}

		Unavailable(int status, Problem problem, Duration retryAfter) {
			super(status, problem);
			this.retryAfter = retryAfter;
		}

		/** How long the store asks to wait. */
		public Duration retryAfter() {
			return this.retryAfter;
		}

	}

}
