package dev.agentsessions.tail;

import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;

/**
 * How long a stream may stay open: up to an age, and no longer than its caller would be
 * let in.
 */
final class Stay {

	private final long end;

	private final @Nullable BooleanSupplier stillKnown;

	private final long lookEvery;

	/**
	 * Begins now.
	 * @param stillKnown whether the caller would still be let in; null if always
	 */
	Stay(TailClock clock, @Nullable BooleanSupplier stillKnown) {
		this.end = clock.endOfTail(System.nanoTime());
		this.stillKnown = stillKnown;
		this.lookEvery = clock.betweenLooksAtCaller();
	}

	boolean isOver(long now) {
		return now - this.end >= 0 || (this.stillKnown != null && !this.stillKnown.getAsBoolean());
	}

	/** When to ask again, at the latest; no later than the time that is given. */
	long nextLook(long latest) {
		long next = (latest - this.end < 0) ? latest : this.end;
		if (this.stillKnown == null) {
			return next;
		}
		long look = System.nanoTime() + this.lookEvery;
		return (look - next < 0) ? look : next;
	}

}
