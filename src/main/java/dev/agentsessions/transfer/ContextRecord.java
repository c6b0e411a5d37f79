package dev.agentsessions.transfer;

import java.time.Instant;

import dev.agentsessions.database.rows.JsonText;
import org.jspecify.annotations.Nullable;

/**
 * An agent context on its way.
 */
public record ContextRecord(String currentAgent, Instant createdAt, Instant updatedAt, long switchCount,
		@Nullable JsonText metadata) {
}
