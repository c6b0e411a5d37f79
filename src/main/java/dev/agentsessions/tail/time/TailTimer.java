package dev.agentsessions.tail.time;

import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;

import dev.agentsessions.problem.UnexpectedErrors;
import io.netty.channel.EventLoop;

/**
 * Looks at a tail when something is due in it, and not before: of ten thousand idle ones
 * only those are touched whose heartbeat it is, many of them in one go. On the tail's
 * event loop.
 */
public final class TailTimer implements LoopTurns.Worker {

	private final EventLoop loop;

	private final TailClock clock;

	private final LongUnaryOperator look;

	/** The tick that it waits for, by <code>System.nanoTime()</code>. */
	private long next;

	private boolean soon;

	private boolean stopped;

	/**
	 * Makes a timer that does not run yet.
	 * @param look gets the time and answers when it wants to be called again, both by
	 * <code>System.nanoTime()</code>
	 */
	public TailTimer(EventLoop loop, TailClock clock, LongUnaryOperator look) {
		this.loop = loop;
		this.clock = clock;
		this.look = look;
	}

	/** Looks at the first tick at which this is due, and from then on. */
	public void start(long due) {
		if (!this.stopped) {
			this.next = this.clock.tickAt(due, System.nanoTime());
			LoopTicks.on(this.loop).await(this.next, this);
		}
	}

	/**
	 * There may be something to do which nothing else will say: looks at the next tick.
	 */
	public void lookSoon() {
		if (!this.soon && !this.stopped) {
			this.soon = true;
			this.loop.schedule(this::lookNow, this.clock.tick().toNanos(), TimeUnit.NANOSECONDS);
		}
	}

	public void stop() {
		this.stopped = true;
		LoopTicks.on(this.loop).forget(this.next, this);
	}

	/** What is due; should that fail, it is tried again at the next tick. */
	@Override
	public void pump() {
		if (!this.stopped) {
			long now = System.nanoTime();
			long due = now;
			try {
				due = this.look.applyAsLong(now);
			}
			catch (Throwable ex) {
				UnexpectedErrors.report("a tail", ex);
			}
			start(due);
		}
	}

	private void lookNow() {
		this.soon = false;
		if (!this.stopped) {
			this.look.applyAsLong(System.nanoTime());
		}
	}

}
