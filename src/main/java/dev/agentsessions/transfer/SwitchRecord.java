package dev.agentsessions.transfer;

import java.time.Instant;

import dev.agentsessions.database.rows.JsonText;
import org.jspecify.annotations.Nullable;

/**
 * A switch of agents on its way.
 *
 * @param switchNo null for the next number
 * @param atSeq null for the message that was handed over last
 * @param switchedAt null where the source does not know it
 */
public record SwitchRecord(@Nullable Long switchNo, @Nullable Long atSeq, @Nullable String fromAgent, String toAgent,
		@Nullable Instant switchedAt, @Nullable String reason, @Nullable JsonText metadata) {
}
