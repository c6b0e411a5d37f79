package dev.agentsessions.session;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.UUID;

/**
 * Makes UUIDv7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, then 74 random bits, so
 * that ids made later sort later.
 */
public final class SessionIds {

	private static final SecureRandom random = new SecureRandom();

	private SessionIds() {
	}

	public static String next(Clock clock) {
		long high = clock.millis() << 16 | 0x7000L | (random.nextLong() & 0x0FFFL);
		long low = 0x8000_0000_0000_0000L | (random.nextLong() >>> 2);
		return new UUID(high, low).toString();
	}

}
