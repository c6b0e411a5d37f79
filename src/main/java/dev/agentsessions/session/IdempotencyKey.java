package dev.agentsessions.session;

/**
 * The name a client gave to a write, so that a retry is not a second write.
 *
 * @param key 1 to 255 characters, unique within a session
 * @param fingerprint of what was asked, see {@link Fingerprint}
 */
public record IdempotencyKey(String key, String fingerprint) {
}
