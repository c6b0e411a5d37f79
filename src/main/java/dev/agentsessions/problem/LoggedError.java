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

	private static @Nullable LoggedError cause(Throwable error) {
		return (error.getCause() != null && error.getCause() != error) ? new LoggedError(error.getCause()) : null;
	}

}
