package dev.agentsessions.tail.hub;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import dev.agentsessions.tail.time.LoopTurns;
import io.netty.channel.EventLoop;

/**
 * The tails of one event loop, so that telling all of them is one task. Only
 * {@link #pumpAll} and {@link #forEach} may be called from other threads.
 */
final class LoopTails {

	private final EventLoop loop;

	private final Set<Tail> tails = Collections.newSetFromMap(new IdentityHashMap<>(2));

	private final AtomicBoolean scheduled = new AtomicBoolean();

	LoopTails(EventLoop loop) {
		this.loop = loop;
	}

	/** Answers whether it was not here yet. */
	boolean add(Tail tail) {
		return this.tails.add(tail);
	}

	/** Answers whether it was here. */
	boolean remove(Tail tail) {
		return this.tails.remove(tail);
	}

	/** Has all of them send what they can; what is told meanwhile is one task. */
	void pumpAll() {
		if (this.scheduled.compareAndSet(false, true)) {
			this.loop.execute(() -> {
				this.scheduled.set(false);
				LoopTurns.on(this.loop).begin(this.tails);
			});
		}
	}

	void forEach(Consumer<Tail> action) {
		this.loop.execute(() -> copy().forEach(action));
	}

	/** A tail may end while it is told something. */
	private List<Tail> copy() {
		return List.copyOf(this.tails);
	}

}
