package dev.agentsessions.tail;

import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a tail when something is due in it, and not before: of ten thousand idle ones
 * only those are touched whose heartbeat it is, many of them in one go. On the tail's
 * event loop.
 */
final class TailTimer {

	private final EventLoop loop;

	private final TailClock clock;

	private final LongUnaryOperator look;

	private @Nullable Future<?> next;

	private boolean soon;

	private boolean stopped;

	/**
	 * Makes a timer that does not run yet.
	 * @param look gets the time and answers when it wants to be called again, both by
	 * <code>System.nanoTime()</code>
	 */
	TailTimer(EventLoop loop, TailClock clock, LongUnaryOperator look) {
		this.loop = loop;
		this.clock = clock;
		this.look = look;
	}

	void start(long due) {
		if (!this.stopped) {
			long now = System.nanoTime();
			this.next = this.loop.schedule(() -> start(this.look.applyAsLong(System.nanoTime())),
					this.clock.untilTickAt(due, now), TimeUnit.NANOSECONDS);
		}
	}

	/**
	 * There may be something to do which nothing else will say: looks at the next tick.
	 */
	void lookSoon() {
		if (!this.soon && !this.stopped) {
			this.soon = true;
			this.loop.schedule(this::lookNow, this.clock.tick().toNanos(), TimeUnit.NANOSECONDS);
		}
	}

	void stop() {
		this.stopped = true;
		if (this.next != null) {
			this.next.cancel(false);
		}
	}

	private void lookNow() {
		this.soon = false;
		if (!this.stopped) {
			this.look.applyAsLong(System.nanoTime());
		}
	}

}
