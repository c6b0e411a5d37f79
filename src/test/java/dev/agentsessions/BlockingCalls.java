package dev.agentsessions;

import reactor.blockhound.BlockHound;

/**
 * Has a blocking call fail where it would hold up everybody else: on event loops and on
 * Reactor's parallel threads. The driver of H2 blocks; its work is done on threads that
 * may.
 */
final class BlockingCalls {

	static {
		// /dev/urandom is read like a file, but has no end to wait for
		BlockHound.install((builder) -> builder.allowBlockingCallsInside("java.security.SecureRandom", "nextBytes"));
	}

	private BlockingCalls() {
	}

	/** From now on, in all tests of this run. */
	static void forbid() {
		// the class is initialized
	}

}
