package dev.agentsessions.tail.hub;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.channel.EventLoop;

/**
 * Tails of any event loops that are told the same. Each comes and goes on its own event
 * loop; they may be told something from any thread.
 */
final class TailGroup {

	private final Map<EventLoop, LoopTails> loops = new ConcurrentHashMap<>(2);

	private final AtomicInteger size = new AtomicInteger();

	void add(Tail tail) {
		if (of(tail).add(tail)) {
			this.size.incrementAndGet();
		}
	}

	/** No matter whether it was here. */
	void remove(Tail tail) {
		if (of(tail).remove(tail)) {
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

}
