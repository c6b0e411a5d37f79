package dev.agentsessions.write;

import dev.agentsessions.problem.Problem;
import dev.agentsessions.problem.ProblemException;

/**
 * The name a client gave to a write, so that a retry is not a second write.
 *
 * @param key 1 to 255 characters, unique within a session
 * @param fingerprint of what was asked, see {@link Fingerprint}
 */
public record IdempotencyKey(String key, String fingerprint) {

	public static ProblemException reused() {
		return Problem
			.of(422, "idempotency-key-reused", "The idempotency key was used for something else",
					"This Idempotency-Key came with another request before; use a new key for a new request.")
			.exception();
	}

}
