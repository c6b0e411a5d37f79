package dev.agentsessions.tail.time;

import java.time.Duration;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;

/**
 * Whose turn it is among the tails of one event loop, first come, first served. They work
 * for a moment at a time: there are requests to serve on that loop, and it does not look
 * at its sockets as long as it has tasks, up to a second. On that event loop only.
 */
public final class LoopTurns {

	/** How long tails work before others come. */
	private static final long TURN = Duration.ofMillis(1).toNanos();

	private static final FastThreadLocal<LoopTurns> ofThread = new FastThreadLocal<>();

	private final EventLoop loop;

	private final Set<Worker> waiting = new LinkedHashSet<>();

	private boolean scheduled;

	private LoopTurns(EventLoop loop) {
		this.loop = loop;
	}

	/** Those of this event loop, which is the one that this is called on. */
	public static LoopTurns on(EventLoop loop) {
		LoopTurns turns = ofThread.get();
		if (turns == null) {
			turns = new LoopTurns(loop);
			ofThread.set(turns);
		}
		return turns;
	}

	/** Has these work, at once unless others wait already. */
	public void begin(Collection<? extends Worker> workers) {
		if (workers.size() == 1 && this.waiting.isEmpty()) {
			workers.iterator().next().pump();
			return;
		}
		this.waiting.addAll(workers);
		if (!this.scheduled) {
			take();
		}
	}

	/** Has this one go on after the others. */
	public void goOn(Worker worker) {
		this.waiting.add(worker);
		schedule();
	}

	private void take() {
		long end = System.nanoTime() + TURN;
		while (!this.waiting.isEmpty() && System.nanoTime() - end < 0) {
			Iterator<Worker> first = this.waiting.iterator();
			Worker worker = first.next();
			first.remove();
			worker.pump();
		}
		if (!this.waiting.isEmpty()) {
			schedule();
		}
	}

	/** What is scheduled comes after a look at the sockets, what is executed may not. */
	private void schedule() {
		if (!this.scheduled) {
			this.scheduled = true;
			this.loop.schedule(() -> {
				this.scheduled = false;
				take();
			}, 0, TimeUnit.NANOSECONDS);
		}
	}

	/** A tail, for whom it works. */
	public interface Worker {

		/** Does some of what there is to do; never fails. */
		void pump();

	}

}
