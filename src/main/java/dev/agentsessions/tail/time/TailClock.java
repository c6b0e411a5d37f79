package dev.agentsessions.tail.time;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

import dev.agentsessions.tail.event.TailEvent;

import org.springframework.stereotype.Component;

/**
 * When something is due in a tail, by <code>System.nanoTime()</code>, with the jitter
 * that keeps followers from coming back all at once.
 */
@Component
public final class TailClock {

	/** A reader that takes nothing for this long is slow. */
	private static final Duration STALLED = Duration.ofSeconds(1);

	/** How long a goodbye may take. */
	private static final Duration ENDING = Duration.ofSeconds(2);

	/** How often it is asked whether a caller is still let in. */
	private static final Duration CALLER = Duration.ofSeconds(4);

	private final TailTimes times;

	private final Duration tick;

	public TailClock(TailTimes times) {
		this.times = times;
		this.tick = Duration.ofMillis(Math.min(1000, Math.max(10, times.heartbeat().toMillis() / 4)));
	}

	/** How exact times are kept. */
	Duration tick() {
		return this.tick;
	}

	/**
	 * The first tick at which this is due, and not before now; ticks are at the same
	 * moments for all tails.
	 */
	long tickAt(long due, long now) {
		long tick = this.tick.toNanos();
		long moment = now + Math.max(0, due - now);
		return moment + tick - Math.floorMod(moment, tick);
	}

	/** When a tail that stays silent has to say that it is alive. */
	long nextHeartbeat(long lastWrite) {
		return lastWrite + this.times.heartbeat().toNanos();
	}

	long endOfTail(long start) {
		long age = this.times.maxAge().toNanos();
		return start + age - ThreadLocalRandom.current().nextLong(Math.max(1, age / 4));
	}

	/** In nanoseconds; no less often than heartbeats come. */
	long betweenLooksAtCaller() {
		return Math.min(CALLER.toNanos(), this.times.heartbeat().toNanos());
	}

	public boolean isSilent(long nanos) {
		return nanos >= this.times.heartbeat().toNanos();
	}

	public boolean isStalled(long nanos) {
		return nanos >= STALLED.toNanos();
	}

	public boolean isTooLateToEnd(long nanos) {
		return nanos >= ENDING.toNanos();
	}

	/** The line that tells a follower when to come back. */
	public String retry() {
		long retry = this.times.retry().toMillis();
		return "retry: " + (retry + ThreadLocalRandom.current().nextLong(retry + 1)) + "\n";
	}

	/** The last event of a stream that ends while its session goes on. */
	public byte[] bye() {
		return TailEvent.utf8("event: bye\n" + retry() + "data: {}\n\n");
	}

}
