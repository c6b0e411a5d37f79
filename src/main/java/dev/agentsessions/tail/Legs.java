package dev.agentsessions.tail;

import java.util.List;

/**
 * The sessions of one tail: whose turn it is, and when there is nothing left to tell of
 * any. On the tail's event loop.
 */
final class Legs {

	private final List<Leg> legs;

	private int first;

	/** How many of them read the log. */
	private int reading;

	/** What a read may come to, judged by the last ones: the size of its first event. */
	private int expected;

	private boolean toldOfAnEnd;

	Legs(List<Leg> legs) {
		this.legs = legs;
	}

	List<Leg> all() {
		return this.legs;
	}

	int size() {
		return this.legs.size();
	}

	/** The n-th in this round, counted from 0. */
	Leg inTurn(int n) {
		return this.legs.get((this.first + n) % this.legs.size());
	}

	/** Each round begins at another one, so that a busy one does not starve the rest. */
	void nextRound() {
		this.first = (this.first + 1) % this.legs.size();
	}

	/**
	 * Whether one more may read the log: one always, more only while they should not find
	 * more together than a follower may hold.
	 */
	boolean mayRead() {
		return this.reading == 0 || (this.reading + 1L) * this.expected <= Leg.CHUNK;
	}

	/**
	 * A leg, which {@link #mayRead}, begins to.
	 * @return how many messages it should ask for
	 */
	int beginReading(Leg leg) {
		this.reading++;
		return leg.beginReading();
	}

	void endReading(Leg leg) {
		this.reading--;
		leg.endReading();
	}

	/**
	 * Ends a read and takes what was found. While the follower takes nothing, what would
	 * be too much for him beside the rest is left out, and read again when it is its
	 * turn: an event may be as large as a hundred chunks, and there may be a hundred
	 * legs.
	 * @param stalled whether he takes nothing now
	 */
	void endReading(Leg leg, TailStep step, boolean stalled) {
		endReading(leg);
		int size = step.events().isEmpty() ? 0 : step.events().get(0).size();
		this.expected = Math.max(size, this.expected / 2);
		int held = stalled ? this.legs.stream().mapToInt(Leg::held).sum() : 0;
		if (held == 0 || held + size <= Leg.CHUNK) {
			leg.take(step);
		}
	}

	/** Notes that the end of one was told; answers whether it was the last. */
	boolean toldOfAnEnd() {
		this.toldOfAnEnd = true;
		return haveEnded();
	}

	/**
	 * Whether the tail has come to its end. One of several goes on as long as any of them
	 * has something to tell, even if nobody has read it yet.
	 */
	boolean haveEnded() {
		return this.toldOfAnEnd && (this.legs.size() == 1 || this.legs.stream().allMatch(Leg::isOver));
	}

}
