package dev.agentsessions.tail;

import java.util.List;

/**
 * The sessions of one tail: whose turn it is, and when there is nothing left to tell of
 * any. On the tail's event loop.
 */
final class Legs {

	private final List<Leg> legs;

	private int first;

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
