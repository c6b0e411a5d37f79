package dev.agentsessions.tail.time;

import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;

/**
 * How long a stream may stay open: up to an age, and no longer than its caller would be
 * let in.
 */
public final class StreamLifetime {

	private final long end;

	private final @Nullable BooleanSupplier stillKnown;

	private final long lookEvery;

	private final TailClock clock;

	/**
	 * Begins now.
	 * @param stillKnown whether the caller would still be let in; null if always
	 */
	public StreamLifetime(TailClock clock, @Nullable BooleanSupplier stillKnown) {
		this.clock = clock;
		this.end = clock.endOfTail(System.nanoTime());
		this.stillKnown = stillKnown;
		this.lookEvery = clock.betweenLooksAtCaller();
	}

	public boolean isOver(long now) {
		return now - this.end >= 0 || (this.stillKnown != null && !this.stillKnown.getAsBoolean());
	}

	/**
	 * When there is something to do in a tail that stays silent: to say that it is alive,
	 * to ask for its caller, or to end.
	 */
	public long nextTick(long lastWrite) {
		long heartbeat = this.clock.nextHeartbeat(lastWrite);
		long next = (heartbeat - this.end < 0) ? heartbeat : this.end;
		if (this.stillKnown == null) {
			return next;
		}
		long look = System.nanoTime() + this.lookEvery;
		return (look - next < 0) ? look : next;
	}

}
