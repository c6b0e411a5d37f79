package dev.agentsessions.problem;

import org.jspecify.annotations.Nullable;

/**
 * An error for the log: its class and where it came from, without its message, which may
 * quote what is stored.
 */
public final class LoggedError extends RuntimeException {

	public LoggedError(Throwable error) {
		super(error.getClass().getName(), cause(error), false, true);
		setStackTrace(error.getStackTrace());
	}

	/**
	 * Null for a problem such as a database that does not answer: its stack tells
	 * nothing.
	 */
	public static @Nullable LoggedError ofUnexpected(Throwable error) {
		return (error instanceof ProblemException) ? null : new LoggedError(error);
	}

	private static @Nullable LoggedError cause(Throwable error) {
		return (error.getCause() != null && error.getCause() != error) ? new LoggedError(error.getCause()) : null;
	}

}
