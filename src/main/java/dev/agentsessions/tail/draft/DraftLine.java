package dev.agentsessions.tail.draft;

import dev.agentsessions.message.NewMessage;
import org.jspecify.annotations.Nullable;

/**
 * What a writer says in one line: more text, or how the draft ends.
 *
 * @param text maybe empty; null if it is no text
 * @param message null if it is none
 * @param discard whether there will be no message
 */
record DraftLine(@Nullable String text, @Nullable NewMessage message, boolean discard) {
}
