package dev.agentsessions.tail.event;

import org.jspecify.annotations.Nullable;

/**
 * The last events of a session, bounded in number and bytes: what those get who keep up.
 * Whoever falls further behind reads from the log. Not thread-safe.
 */
public final class RecentEvents {

	/** The most events; more at once are not kept at all. */
	public static final int CAPACITY = 32;

	private static final int MAX_BYTES = 256 * 1024;

	private @Nullable TailEvent @Nullable [] events;

	private int bytes;

	/** The oldest event that is here; events are counted from the session's first one. */
	private long first;

	private long next;

	private boolean newSinceKept;

	/** The number that the next event will have. */
	public long next() {
		return this.next;
	}

	public boolean holds(long number) {
		return number >= this.first && number <= this.next;
	}

	public @Nullable TailEvent get(long number) {
		return (this.events != null && number < this.next) ? this.events[(int) (number % CAPACITY)] : null;
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
		if (this.events == null) {
			this.events = new TailEvent[CAPACITY];
		}
		while (this.next - this.first == CAPACITY
				|| (this.first < this.next && this.bytes + event.size() > MAX_BYTES)) {
			dropFirst(this.events);
		}
		this.events[(int) (this.next % CAPACITY)] = event;
		this.bytes += event.size();
		this.next++;
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
		for (long number = this.first; number < this.next; number++) {
			TailEvent event = get(number);
			if (event != null && event.after().equals(position)) {
				return number + 1;
			}
		}
		return -1;
	}

	/** Forgets the events; who has got all of them may still wait for the next one. */
	public void forget() {
		this.events = null;
		this.bytes = 0;
		this.first = this.next;
	}

	/** Leaves out what was too much to keep: everyone has to read it from the log. */
	public void skip() {
		this.next++;
		forget();
	}

	private void dropFirst(@Nullable TailEvent[] kept) {
		int place = (int) (this.first % CAPACITY);
		TailEvent dropped = kept[place];
		this.bytes -= (dropped != null) ? dropped.size() : 0;
		kept[place] = null;
		this.first++;
	}

}
