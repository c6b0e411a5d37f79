package dev.agentsessions.database;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.jspecify.annotations.Nullable;

/**
 * What waits in a lane: first in, first out, bounded in requests and bytes. Any thread
 * may offer, one at a time takes.
 */
final class LaneQueue {

	private final Queue<Call<?, ?>> calls = new ConcurrentLinkedQueue<>();

	private final AtomicInteger requests = new AtomicInteger();

	private final AtomicLong bytes = new AtomicLong();

	private final LaneSettings settings;

	LaneQueue(LaneSettings settings) {
		this.settings = settings;
	}

	/**
	 * Adds the call unless the queue is full; a call is never too large for an empty
	 * queue.
	 */
	boolean offer(Call<?, ?> call) {
		int count = this.requests.incrementAndGet();
		long size = this.bytes.addAndGet(call.size());
		if (count > this.settings.queueRequests() || (size > this.settings.queueSize().toBytes() && count > 1)) {
			left(call);
			return false;
		}
		this.calls.add(call);
		return true;
	}

	/** How many wait. */
	int requests() {
		return this.requests.get();
	}

	/** The approximate bytes of those that wait. */
	long bytes() {
		return this.bytes.get();
	}

	boolean isEmpty() {
		return this.calls.isEmpty();
	}

	/** Takes the oldest call if nobody waits for it any longer. */
	@Nullable Call<?, ?> pollLate(long now) {
		Call<?, ?> head = this.calls.peek();
		return (head != null && head.isLate(now)) ? poll() : null;
	}

	/**
	 * Moves the next batch there: the oldest call and as many of the same operation
	 * behind it as fit; none if none waits. Reads overtake those of other operations, so
	 * that two kinds of them make two batches and not one for each turn. If this fails,
	 * those moved so far are there.
	 */
	void moveTo(List<Call<?, ?>> batch) {
		Call<?, ?> head = this.calls.peek();
		if (head != null) {
			moveLike(head, batch);
		}
	}

	private <Q, A> void moveLike(Call<Q, A> head, List<Call<?, ?>> batch) {
		LaneOperation<Q, A> operation = head.operation();
		int most = Math.min(operation.maxRequests(), this.settings.batchRequests());
		List<Q> requests = new ArrayList<>();
		long size = 0;
		for (Iterator<Call<?, ?>> waiting = this.calls.iterator(); waiting.hasNext() && batch.size() < most;) {
			Call<?, ?> next = waiting.next();
			if (next.operation() != operation) {
				if (operation.isRead()) {
					continue;
				}
				break;
			}
			@SuppressWarnings("unchecked") // the same operation, so the same kind of
											// request
			Q request = (Q) next.request();
			size += next.size();
			if (!batch.isEmpty()
					&& (size > this.settings.batchSize().toBytes() || !operation.fits(request, requests))) {
				break;
			}
			waiting.remove();
			left(next);
			batch.add(next);
			requests.add(request);
		}
	}

	private Call<?, ?> poll() {
		Call<?, ?> call = this.calls.remove();
		left(call);
		return call;
	}

	private void left(Call<?, ?> call) {
		this.requests.decrementAndGet();
		this.bytes.addAndGet(-call.size());
	}

}
