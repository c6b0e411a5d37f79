package dev.agentsessions.tail.event;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The last events of a session, bounded in number and bytes: what those get who keep up.
 * Whoever falls further behind reads from the log. Not thread-safe.
 */
public final class RecentEvents {

	/** The most events; more at once are not kept at all. */
	public static final int CAPACITY = 32;

	private static final int MAX_BYTES = 256 * 1024;

	private List<TailEvent> events = new ArrayList<>(0);

	private int bytes;

	/**
	 * The number of the oldest event that is here; events are counted from the session's
	 * first one.
	 */
	private long first;

	private boolean newSinceKept;

	/** The number that the next event will have. */
	public long next() {
		return this.first + this.events.size();
	}

	public boolean holds(long number) {
		return number >= this.first && number <= next();
	}

	public @Nullable TailEvent get(long number) {
		return (number < next()) ? this.events.get((int) (number - this.first)) : null;
	}

	/**
	 * Takes what is new, or leaves it out where that is nothing to tell or not all.
	 * @param end where one is who knows all
	 * @return whether it holds them, until somebody comes back and {@link #endKeeping()}
	 */
	public boolean take(TailStep step, Position end) {
		if (step.events().isEmpty() || !step.reached().equals(end)) {
			skip();
			return false;
		}
		step.events().forEach(this::add);
		return true;
	}

	private void add(TailEvent event) {
		while (this.events.size() == CAPACITY || (!this.events.isEmpty() && this.bytes + event.size() > MAX_BYTES)) {
			this.bytes -= this.events.remove(0).size();
			this.first++;
		}
		this.events.add(event);
		this.bytes += event.size();
		this.newSinceKept = true;
	}

	/**
	 * Forgets the events unless there have been others since the last time.
	 * @return whether nobody has to come back
	 */
	public boolean endKeeping() {
		boolean kept = this.newSinceKept;
		this.newSinceKept = false;
		if (!kept) {
			forget();
		}
		return !kept;
	}

	/** The number of the event behind this position, or -1. */
	public long after(Position position) {
		for (int i = 0; i < this.events.size(); i++) {
			if (this.events.get(i).after().equals(position)) {
				return this.first + i + 1;
			}
		}
		return -1;
	}

	/** Forgets the events; who has got all of them may still wait for the next one. */
	public void forget() {
		this.first = next();
		this.events = new ArrayList<>(0);
		this.bytes = 0;
	}

	/** Leaves out what was too much to keep: everyone has to read it from the log. */
	public void skip() {
		forget();
		this.first++;
	}

}
