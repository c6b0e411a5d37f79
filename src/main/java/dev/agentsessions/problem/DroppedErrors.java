package dev.agentsessions.problem;

import java.io.IOException;

import jakarta.annotation.PostConstruct;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Hooks;

import org.springframework.stereotype.Component;

/**
 * Errors that come after their request has ended, so that nobody is left to be told. Most
 * are clients that hang up: any of them could fill the log with stack traces otherwise.
 */
@Component
class DroppedErrors {

	private static final Logger log = LoggerFactory.getLogger(DroppedErrors.class);

	@PostConstruct
	void install() {
		Hooks.onErrorDropped(DroppedErrors::drop);
	}

	private static void drop(Throwable error) {
		if (isHangUp(error)) {
			log.debug("a client hung up: {}", error.getClass().getName());
		}
		else {
			log.warn("an error came too late for its request", new LoggedError(error));
		}
	}

	private static boolean isHangUp(Throwable error) {
		for (Throwable cause = error; cause != null; cause = cause.getCause()) {
			if (cause instanceof IOException || cause instanceof ProblemException) {
				return true;
			}
		}
		return false;
	}

}
