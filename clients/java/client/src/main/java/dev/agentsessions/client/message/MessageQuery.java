package dev.agentsessions.client.message;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * Which messages of a log are read; all that is given has to hold.
 *
 * @param after messages with a greater number
 * @param from of this time or later
 * @param to of this time or earlier
 */
public record MessageQuery(long after, @Nullable String role, @Nullable Instant from, @Nullable Instant to) {

	public static final MessageQuery ALL = new MessageQuery(0, null, null, null);

	public MessageQuery after(long seq) {
		return new MessageQuery(seq, this.role, this.from, this.to);
	}

	public MessageQuery role(String role) {
		return new MessageQuery(this.after, role, this.from, this.to);
	}

	public MessageQuery from(Instant from) {
		return new MessageQuery(this.after, this.role, from, this.to);
	}

	public MessageQuery to(Instant to) {
		return new MessageQuery(this.after, this.role, this.from, to);
	}

}
