package dev.agentsessions.retention;

import java.util.List;

/**
 * So many sessions, and messages in them.
 */
record Tally(long sessions, long messages) {

	static final Tally NONE = new Tally(0, 0);

	static Tally of(List<Departure> batch) {
		return new Tally(batch.size(), batch.stream().mapToLong(Departure::messages).sum());
	}

	Tally plus(Tally other) {
		return new Tally(this.sessions + other.sessions, this.messages + other.messages);
	}

	boolean isNone() {
		return equals(NONE);
	}

}
