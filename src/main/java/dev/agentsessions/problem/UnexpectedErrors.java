package dev.agentsessions.problem;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What went wrong where it must not stop anybody else: the others of a batch, of an event
 * loop, of a list of listeners. Even an {@link Error} ends up here, since whoever does
 * the work of many can't leave it half done.
 */
public final class UnexpectedErrors {

	private static final Logger log = LoggerFactory.getLogger(UnexpectedErrors.class);

	private UnexpectedErrors() {
	}

	/** Writes it to the log; never fails. */
	public static void report(String where, Throwable error) {
		try {
			log.error("unexpected, in {}", where, new LoggedError(error));
		}
		catch (Throwable ex) {
			// whoever does the work of many goes on without a line in the log
		}
	}

}
