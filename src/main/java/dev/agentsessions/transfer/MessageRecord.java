package dev.agentsessions.transfer;

import java.time.Instant;

import dev.agentsessions.message.NewMessage;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way.
 *
 * @param timestamp null where the source does not know it
 */
public record MessageRecord(@Nullable Instant timestamp, NewMessage message) {
}
