package dev.agentsessions.database.lane;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/**
 * Has lanes look at what is late, as long as any of them has something to do. A replica
 * that serves nobody wakes up no thread for this; one that is busy asks only whether
 * there is a next tick already.
 */
final class LaneTicks {

	static final Duration TICK = Duration.ofMillis(200);

	private final List<Lane> lanes;

	private final Scheduler scheduler;

	/**
	 * Whether there is a next tick. Given up before the last look at the lanes, and asked
	 * for after a lane was offered something, so that one of the two sees the other.
	 */
	private final AtomicBoolean ticking = new AtomicBoolean();

	private final Disposable.Swap next = Disposables.swap();

	/**
	 * Makes ticks that have not begun.
	 * @param scheduler whose clock says when
	 */
	LaneTicks(List<Lane> lanes, Scheduler scheduler) {
		this.lanes = lanes;
		this.scheduler = scheduler;
	}

	/** A lane was offered something: there is a tick soon, if it still has it then. */
	void begin() {
		if (!this.ticking.get() && this.ticking.compareAndSet(false, true)) {
			schedule();
		}
	}

	/** There are no further ticks. */
	void end() {
		this.next.dispose();
	}

	private void tick() {
		boolean busy = false;
		for (Lane lane : this.lanes) {
			if (!lane.isIdle()) {
				lane.wake();
				busy = true;
			}
		}
		if (busy) {
			schedule();
			return;
		}
		this.ticking.set(false);
		// what came after the look and before this saw that there was a next tick
		if (!areIdle()) {
			begin();
		}
	}

	/** Whether no lane has anything to do. */
	boolean areIdle() {
		return this.lanes.stream().allMatch(Lane::isIdle);
	}

	/**
	 * Replaces the last tick without cancelling it: it may be at its end just now, and
	 * its thread is not to be interrupted.
	 */
	private void schedule() {
		this.next.replace(this.scheduler.schedule(this::tick, TICK.toNanos(), TimeUnit.NANOSECONDS));
	}

}
