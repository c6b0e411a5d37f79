package dev.agentsessions.session;

import java.time.Instant;

import dev.agentsessions.database.JsonText;
import org.jspecify.annotations.Nullable;

/**
 * What the first request with an idempotency key was answered.
 *
 * @param firstSeq null if it appended nothing
 * @param lastSeq the session's last after it
 * @param agentSwitch null if it switched nothing
 * @param createdAt when it was done
 */
public record KeptAnswer(@Nullable Long firstSeq, long lastSeq, @Nullable JsonText agentSwitch, Instant createdAt) {
}
