package dev.agentsessions.tail.time;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;

/**
 * Who waits for which moment on one event loop. All that wait for the same one share a
 * single timer, so ten thousand idle tails cost the loop about one a second. On that
 * event loop only.
 */
final class LoopTicks {

	private static final FastThreadLocal<LoopTicks> ofThread = new FastThreadLocal<>();

	private final EventLoop loop;

	/** By their moment, of <code>System.nanoTime()</code>. */
	private final Map<Long, Set<LoopTurns.Worker>> waiting = new HashMap<>();

	private LoopTicks(EventLoop loop) {
		this.loop = loop;
	}

	/** Those of this event loop, which is the one that this is called on. */
	static LoopTicks on(EventLoop loop) {
		LoopTicks ticks = ofThread.get();
		if (ticks == null) {
			ticks = new LoopTicks(loop);
			ofThread.set(ticks);
		}
		return ticks;
	}

	/** Has this one work when that moment comes, in turn with the others. */
	void await(long moment, LoopTurns.Worker worker) {
		this.waiting.computeIfAbsent(moment, this::schedule).add(worker);
	}

	/** It no longer waits for that moment; nothing happens if it did not. */
	void forget(long moment, LoopTurns.Worker worker) {
		Set<LoopTurns.Worker> others = this.waiting.get(moment);
		if (others != null) {
			others.remove(worker);
		}
	}

	private Set<LoopTurns.Worker> schedule(long moment) {
		this.loop.schedule(() -> LoopTurns.on(this.loop).begin(this.waiting.remove(moment)), moment - System.nanoTime(),
				TimeUnit.NANOSECONDS);
		return new LinkedHashSet<>();
	}

}
