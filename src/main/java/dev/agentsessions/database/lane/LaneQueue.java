package dev.agentsessions.database.lane;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import dev.agentsessions.database.lane.operation.LaneOperation;
import org.jspecify.annotations.Nullable;

/**
 * What waits in a lane, bounded in requests and bytes, all together and for each tenant.
 * Any thread may offer, one at a time takes.
 * <p>
 * Batches are filled fairly: tenant by tenant in turn, each as much as its deficit has
 * grown to (deficit round robin: Shreedhar and Varghese, "Efficient Fair Queuing Using
 * Deficit Round-Robin", 1995), and within a tenant session by session. So one that floods
 * waits behind itself. The requests of a session keep their order.
 */
final class LaneQueue {

	/** By which the deficit of a tenant grows at each of its turns, in bytes. */
	private static final long QUANTUM = 4096;

	/** What each request costs beside its size. */
	private static final long REQUEST = 512;

	private final AtomicInteger requests = new AtomicInteger();

	private final AtomicLong bytes = new AtomicLong();

	private final Map<String, QueueUsage> usages = new ConcurrentHashMap<>();

	private final Capacity capacity;

	/** Those that were offered since the last look. */
	private final Queue<PendingRequest<?, ?>> arrived = new ConcurrentLinkedQueue<>();

	// what follows belongs to the thread that takes

	/** All that wait, the oldest first. */
	private final Set<PendingRequest<?, ?>> byAge = new LinkedHashSet<>();

	private final Map<LaneOperation<?, ?>, Rotation> waiting = new HashMap<>();

	LaneQueue(Capacity capacity) {
		this.capacity = capacity;
	}

	/**
	 * Adds the request if there is room. None is too large where less waits than may:
	 * what waits may so be one request more.
	 */
	Offer offer(PendingRequest<?, ?> request) {
		int count = this.requests.incrementAndGet();
		long bytes = request.bytesWaiting();
		long all = this.bytes.addAndGet(bytes);
		QueueUsage own = used(request, 1);
		boolean full = count > this.capacity.queueRequests() || all - bytes >= this.capacity.queueBytes();
		boolean tenantFull = own != null
				&& (own.requests > this.capacity.tenantRequests() || own.bytes - bytes >= this.capacity.tenantBytes());
		if (full || tenantFull) {
			left(request);
			return tenantFull ? Offer.TENANT_FULL : Offer.FULL;
		}
		this.arrived.add(request);
		return Offer.TAKEN;
	}

	/** How many requests wait. */
	int requests() {
		return this.requests.get();
	}

	/** The approximate bytes that those hold which wait. */
	long bytes() {
		return this.bytes.get();
	}

	boolean isEmpty() {
		return this.requests.get() == 0;
	}

	/** Takes the oldest request if nobody waits for it any longer. */
	@Nullable PendingRequest<?, ?> pollLate(long now) {
		PendingRequest<?, ?> oldest = oldest();
		if (oldest == null || !oldest.isLate(now)) {
			return null;
		}
		leave(oldest);
		return oldest;
	}

	/**
	 * Moves the next batch there: requests of one operation, that of the oldest; none if
	 * none waits. If this fails, those moved so far are there.
	 */
	void moveTo(List<PendingRequest<?, ?>> batch) {
		PendingRequest<?, ?> oldest = oldest();
		if (oldest != null) {
			move(oldest.operation(), batch);
		}
	}

	private void move(LaneOperation<?, ?> operation, List<PendingRequest<?, ?>> batch) {
		Rotation rotation = Objects.requireNonNull(this.waiting.get(operation));
		long size = 0;
		boolean ends = false;
		for (PendingRequest<?, ?> next = rotation.peek(); next != null && !ends
				&& batch.size() < this.capacity.batchRequests(); next = rotation.peek()) {
			size += next.size();
			if (!batch.isEmpty() && size > this.capacity.batchBytes()) {
				break;
			}
			rotation.take();
			leave(next);
			batch.add(next);
			ends = next.endsBatch();
		}
		if (rotation.isEmpty()) {
			this.waiting.remove(operation);
		}
	}

	/** Of those that wait; null if there are none. */
	private @Nullable PendingRequest<?, ?> oldest() {
		for (PendingRequest<?, ?> request = this.arrived.poll(); request != null; request = this.arrived.poll()) {
			this.byAge.add(request);
			this.waiting.computeIfAbsent(request.operation(), (operation) -> new Rotation()).add(request);
		}
		if (this.byAge.isEmpty()) {
			this.waiting.clear(); // of those that have been given up
			return null;
		}
		return this.byAge.iterator().next();
	}

	private void leave(PendingRequest<?, ?> request) {
		request.leaveQueue();
		this.byAge.remove(request);
		left(request);
	}

	private void left(PendingRequest<?, ?> request) {
		this.requests.decrementAndGet();
		this.bytes.addAndGet(-request.bytesWaiting());
		used(request, -1);
	}

	/** Null if the request is nobody's. */
	private @Nullable QueueUsage used(PendingRequest<?, ?> request, int count) {
		String tenant = request.tenant();
		return (tenant == null) ? null : this.usages.compute(tenant, (same, usage) -> {
			QueueUsage last = (usage != null) ? usage : QueueUsage.NONE;
			QueueUsage next = new QueueUsage(last.requests + count, last.bytes + count * request.bytesWaiting());
			return (next.requests > 0) ? next : null;
		});
	}

	/**
	 * How much there may be.
	 *
	 * @param batchRequests the most requests in one statement
	 * @param batchBytes the most bytes of requests in one statement; a single larger
	 * request goes alone
	 * @param queueRequests the most requests waiting in one lane; beyond it the answer is
	 * 503
	 * @param queueBytes the bytes held by requests waiting in one lane with which no
	 * other is taken; the answer is 503
	 * @param tenantShare how much of a queue one tenant may take, in percent, before it
	 * is answered 429
	 */
	record Capacity(int batchRequests, long batchBytes, int queueRequests, long queueBytes, int tenantShare) {

		Capacity() {
			this(128, 1 << 20, 4096, 32 << 20, 50);
		}

		int tenantRequests() {
			return Math.max(1, this.queueRequests * this.tenantShare / 100);
		}

		long tenantBytes() {
			return this.queueBytes * this.tenantShare / 100;
		}

	}

	/** What became of a request that was offered. */
	enum Offer {

		TAKEN, FULL, TENANT_FULL

	}

	/** What a tenant has in the queue. */
	private record QueueUsage(int requests, long bytes) {

		static final QueueUsage NONE = new QueueUsage(0, 0);

	}

	/** The requests of one operation, tenant by tenant in turn. */
	private static final class Rotation {

		private final Map<String, TenantLine> lines = new HashMap<>();

		private final Deque<TenantLine> turns = new ArrayDeque<>();

		void add(PendingRequest<?, ?> request) {
			String tenant = Objects.requireNonNullElse(request.tenant(), "");
			TenantLine line = this.lines.computeIfAbsent(tenant, TenantLine::new);
			if (line.isEmpty()) {
				this.turns.addLast(line);
			}
			line.add(request);
		}

		boolean isEmpty() {
			return this.turns.isEmpty();
		}

		/** The request whose turn it is; null if none waits. */
		@Nullable PendingRequest<?, ?> peek() {
			while (!this.turns.isEmpty()) {
				TenantLine line = this.turns.getFirst();
				PendingRequest<?, ?> head = line.peek();
				if (head == null) {
					end(line);
				}
				else if (this.turns.size() == 1 || line.deficit >= head.size() + REQUEST) {
					return head;
				}
				else {
					line.deficit += QUANTUM;
					this.turns.addLast(this.turns.removeFirst());
				}
			}
			return null;
		}

		/** Takes what {@link #peek} has answered. */
		void take() {
			TenantLine line = this.turns.getFirst();
			line.deficit = Math.max(0, line.deficit - line.take().size() - REQUEST);
			if (line.isEmpty()) {
				end(line);
			}
		}

		private void end(TenantLine line) {
			this.turns.removeFirst();
			this.lines.remove(line.tenant);
		}

	}

	/** The requests of one tenant, session by session in turn. */
	private static final class TenantLine {

		private final String tenant;

		private final Map<Object, Deque<PendingRequest<?, ?>>> sessions = new HashMap<>();

		private final Deque<Object> turns = new ArrayDeque<>();

		private long deficit;

		TenantLine(String tenant) {
			this.tenant = tenant;
		}

		boolean isEmpty() {
			return this.turns.isEmpty();
		}

		void add(PendingRequest<?, ?> request) {
			Object session = Objects.requireNonNullElse(request.session(), "");
			this.sessions.computeIfAbsent(session, (added) -> {
				this.turns.addLast(added);
				return new ArrayDeque<>(2);
			}).addLast(request);
		}

		/** Passes over those that have been given up. */
		@Nullable PendingRequest<?, ?> peek() {
			while (!this.turns.isEmpty()) {
				Deque<PendingRequest<?, ?>> requests = Objects.requireNonNull(this.sessions.get(this.turns.getFirst()));
				while (!requests.isEmpty() && !requests.getFirst().isQueued()) {
					requests.removeFirst();
				}
				if (!requests.isEmpty()) {
					return requests.getFirst();
				}
				this.sessions.remove(this.turns.removeFirst());
			}
			return null;
		}

		/** Takes what {@link #peek} has answered; the session's turn is over. */
		PendingRequest<?, ?> take() {
			Object session = this.turns.removeFirst();
			Deque<PendingRequest<?, ?>> requests = Objects.requireNonNull(this.sessions.get(session));
			PendingRequest<?, ?> taken = requests.removeFirst();
			if (requests.isEmpty()) {
				this.sessions.remove(session);
			}
			else {
				this.turns.addLast(session);
			}
			return taken;
		}

	}

}
