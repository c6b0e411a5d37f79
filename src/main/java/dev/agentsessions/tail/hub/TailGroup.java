package dev.agentsessions.tail.hub;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import dev.agentsessions.tail.time.LoopTurns;
import io.netty.channel.EventLoop;

/**
 * Tails of any event loops that are told the same. Each comes and goes on its own event
 * loop; they may be told something from any thread, which is one task for each event
 * loop, however many tails it has.
 */
final class TailGroup {

	private final Map<EventLoop, LoopTails> loops = new ConcurrentHashMap<>(2);

	private final AtomicInteger size = new AtomicInteger();

	void add(Tail tail) {
		if (of(tail).tails.add(tail)) {
			this.size.incrementAndGet();
		}
	}

	/** No matter whether it was here. */
	void remove(Tail tail) {
		if (of(tail).tails.remove(tail)) {
			this.size.decrementAndGet();
		}
	}

	/** Whether there is one at most. */
	boolean isSingle() {
		return this.size.get() <= 1;
	}

	/** Has all of them send what they can. */
	void pumpAll() {
		this.loops.values().forEach(LoopTails::pumpAll);
	}

	/** Has all of them say goodbye. */
	void leaveAll() {
		this.loops.values().forEach((tails) -> tails.forEach(Tail::leave));
	}

	private LoopTails of(Tail tail) {
		return this.loops.computeIfAbsent(tail.loop(), LoopTails::new);
	}

	/** Those of one event loop. */
	private static final class LoopTails {

		private final EventLoop loop;

		/** Used on the event loop only. */
		private final Set<Tail> tails = Collections.newSetFromMap(new IdentityHashMap<>(2));

		private final AtomicBoolean scheduled = new AtomicBoolean();

		LoopTails(EventLoop loop) {
			this.loop = loop;
		}

		/** From any thread; what is told until the task begins needs no other. */
		void pumpAll() {
			if (this.scheduled.compareAndSet(false, true)) {
				this.loop.execute(() -> {
					this.scheduled.set(false);
					LoopTurns.on(this.loop).begin(this.tails);
				});
			}
		}

		/** From any thread; a tail may leave while it is told something. */
		void forEach(Consumer<Tail> action) {
			this.loop.execute(() -> List.copyOf(this.tails).forEach(action));
		}

	}

}
