package dev.agentsessions;

import org.junit.jupiter.api.extension.Extension;
import reactor.blockhound.BlockHound;

/**
 * Has a blocking call fail where it would hold up everybody else: on event loops and on
 * Reactor's parallel threads. The driver of H2 blocks; its work is done on threads that
 * may.
 * <p>
 * JUnit finds this by itself and loads it before the first test. Later would be too late:
 * a thread that waits for work already would be refused its next wait, in the middle of a
 * lock.
 */
public final class BlockingCalls implements Extension {

	static {
		BlockHound.install((builder) -> builder
			// /dev/urandom is read like a file, but has no end to wait for
			.allowBlockingCallsInside("java.security.SecureRandom", "nextBytes")
			// a short lock of a library, Netty's allocator above all, is no waiting for
			// time, input or a result
			.allowBlockingCallsInside("java.util.concurrent.locks.ReentrantLock", "lock")
			.allowBlockingCallsInside("java.util.concurrent.locks.StampedLock", "writeLock")
			.allowBlockingCallsInside("java.util.concurrent.locks.StampedLock", "readLock"));
	}

}
