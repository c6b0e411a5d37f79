package dev.agentsessions.message.log;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * Which messages of a range are meant.
 *
 * @param role null for any
 * @param from not before this time, null for any
 * @param to not after this time, null for any
 */
public record MessageFilter(@Nullable String role, @Nullable Instant from, @Nullable Instant to) {

	public static final MessageFilter NONE = new MessageFilter(null, null, null);

	public boolean isNone() {
		return equals(NONE);
	}

}
