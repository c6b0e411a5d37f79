package dev.agentsessions.database.lane;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Has a few of many lanes at a time at work, first come, first served. What waits for its
 * turn makes larger batches, and these cost the database less. Whose batch takes long, as
 * on a machine that is away, gives its turn to another lane, and needs none until a batch
 * was quick again.
 */
final class LaneTurns {

	static final Duration LONGEST = Duration.ofMillis(100);

	private final AtomicInteger free;

	private final Queue<Turn> waiting = new ConcurrentLinkedQueue<>();

	/**
	 * Makes turns for any number of lanes.
	 * @param most how many have one at once
	 */
	LaneTurns(int most) {
		this.free = new AtomicInteger(most);
	}

	/** The turns of one lane; that lane is woken when it may ask for one again. */
	Turn of(Runnable wake) {
		return new Turn(wake);
	}

	private boolean takeFree() {
		for (int count = this.free.get(); count > 0; count = this.free.get()) {
			if (this.free.compareAndSet(count, count - 1)) {
				return true;
			}
		}
		return false;
	}

	private void giveBack() {
		this.free.incrementAndGet();
		while (this.free.get() > 0) {
			Turn next = this.waiting.poll();
			if (next == null) {
				return;
			}
			next.comes();
		}
	}

	/** Whether it is a lane's turn. */
	final class Turn {

		private final Runnable wake;

		private final AtomicBoolean isTaken = new AtomicBoolean();

		private final AtomicBoolean isWaitedFor = new AtomicBoolean();

		private volatile boolean isNeeded = true;

		private Turn(Runnable wake) {
			this.wake = wake;
		}

		/**
		 * Begins it, if it is there.
		 * @return whether the lane may begin a batch, for which it says {@link #end} then
		 */
		boolean begin() {
			if (!this.isNeeded || take()) {
				return true;
			}
			if (this.isWaitedFor.compareAndSet(false, true)) {
				LaneTurns.this.waiting.add(this);
			}
			// one that was given back meanwhile has told nobody
			return take();
		}

		/** The batch goes on, for so many nanoseconds until now. */
		void goesOn(long nanos) {
			if (nanos > LONGEST.toNanos()) {
				this.isNeeded = false;
				leave();
			}
		}

		/** The batch took so many nanoseconds. Calling it again does nothing. */
		void end(long nanos) {
			this.isNeeded = nanos <= LONGEST.toNanos();
			leave();
		}

		private boolean take() {
			boolean taken = takeFree();
			if (taken) {
				this.isTaken.set(true);
			}
			return taken;
		}

		private void leave() {
			if (this.isTaken.getAndSet(false)) {
				giveBack();
			}
		}

		private void comes() {
			this.isWaitedFor.set(false);
			this.wake.run();
		}

	}

}
