package dev.agentsessions.write;

import java.util.function.Supplier;

import dev.agentsessions.problem.Problem;
import dev.agentsessions.problem.ProblemException;

/**
 * The name a client gave to a write, so that a retry is not a second write.
 *
 * @param key 1 to 255 characters, unique within a session
 * @param fingerprint of what was asked, see {@link Fingerprint}
 * @param older gives the fingerprint that older versions made of it
 */
public record IdempotencyKey(String key, String fingerprint, Supplier<String> older) {

	/** A key for what has been asked. */
	public static IdempotencyKey of(String key, Fingerprint asked) {
		return new IdempotencyKey(key, asked.end(), asked::firstVersion);
	}

	/** Whether this is the request that has been answered so. */
	public boolean isOf(KeptAnswer kept) {
		return kept.fingerprint().equals(this.fingerprint) || kept.fingerprint().equals(this.older.get());
	}

	public static ProblemException reused() {
		return Problem
			.of(422, "idempotency-key-reused", "The idempotency key was used for something else",
					"This Idempotency-Key came with another request before; use a new key for a new request.")
			.exception();
	}

}
