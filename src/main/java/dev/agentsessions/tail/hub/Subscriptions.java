package dev.agentsessions.tail.hub;

import java.util.List;

import dev.agentsessions.tail.event.TailStep;

/**
 * The sessions of one tail: whose turn it is, and when there is nothing left to tell of
 * any. On the tail's event loop.
 */
final class Subscriptions {

	private final List<Subscription> subscriptions;

	private int first;

	/** How many of them read the log. */
	private int reading;

	/** What a read may come to, judged by the last ones: the size of its first event. */
	private int expected;

	private boolean toldOfAnEnd;

	/** Whether all are looked at once more since that. */
	private boolean looksAgain;

	Subscriptions(List<Subscription> subscriptions) {
		this.subscriptions = subscriptions;
	}

	List<Subscription> all() {
		return this.subscriptions;
	}

	int size() {
		return this.subscriptions.size();
	}

	/** The n-th in this round, counted from 0. */
	Subscription inTurn(int n) {
		return this.subscriptions.get((this.first + n) % this.subscriptions.size());
	}

	/** Each round begins at another one, so that a busy one does not starve the rest. */
	void nextRound() {
		this.first = (this.first + 1) % this.subscriptions.size();
	}

	/**
	 * Whether one more may read the log: one always, more only while they should not find
	 * more together than a follower may hold.
	 */
	boolean mayRead() {
		return this.reading == 0 || (this.reading + 1L) * this.expected <= Subscription.CHUNK;
	}

	/**
	 * A subscription, which {@link #mayRead}, begins to.
	 * @return how many messages it should ask for
	 */
	int beginReading(Subscription subscription) {
		this.reading++;
		return subscription.beginReading();
	}

	void endReading(Subscription subscription) {
		this.reading--;
		subscription.endReading();
	}

	/**
	 * Ends a read and takes what was found. While the follower takes nothing, what would
	 * be too much for him beside the rest is left out, and read again when it is its
	 * turn: an event may be as large as a hundred chunks, and there may be a hundred
	 * subscriptions.
	 * @param stalled whether he takes nothing now
	 */
	void endReading(Subscription subscription, TailStep step, boolean stalled) {
		endReading(subscription);
		int size = step.events().isEmpty() ? 0 : step.events().get(0).size();
		this.expected = Math.max(size, this.expected / 2);
		int held = stalled ? this.subscriptions.stream().mapToInt(Subscription::held).sum() : 0;
		if (held == 0 || held + size <= Subscription.CHUNK) {
			subscription.take(step);
		}
	}

	/**
	 * Notes that the end of one was told; answers whether the tail has come to its end.
	 */
	boolean toldOfAnEnd() {
		this.toldOfAnEnd = true;
		this.looksAgain = false;
		return haveEnded();
	}

	/**
	 * Whether the tail has come to its end. One of several goes on as long as any of them
	 * has something to tell, even if nobody has read it yet. Any of them may have been
	 * restored before the last one was deleted, for what is written to different sessions
	 * becomes known in any order: so all are looked at once more.
	 */
	boolean haveEnded() {
		if (!this.toldOfAnEnd || this.subscriptions.size() == 1) {
			return this.toldOfAnEnd;
		}
		if (!this.subscriptions.stream().allMatch(Subscription::isOver)) {
			return false;
		}
		if (!this.looksAgain) {
			this.looksAgain = true;
			this.subscriptions.forEach(Subscription::lookAgain);
		}
		return this.subscriptions.stream()
			.allMatch((subscription) -> subscription.isOver() && subscription.hasLooked());
	}

}
