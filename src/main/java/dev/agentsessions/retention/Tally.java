package dev.agentsessions.retention;

import java.util.List;

/**
 * So many sessions, and messages in them.
 */
public record Tally(long sessions, long messages) {

	public static final Tally NONE = new Tally(0, 0);

	public static Tally of(List<Departure> batch) {
		return new Tally(batch.size(), batch.stream().mapToLong(Departure::messages).sum());
	}

	public Tally plus(Tally other) {
		return new Tally(this.sessions + other.sessions, this.messages + other.messages);
	}

	public boolean isNone() {
		return equals(NONE);
	}

}
