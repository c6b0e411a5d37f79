package dev.agentsessions.tail;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.agentsessions.problem.Problems;

import org.springframework.stereotype.Component;

/**
 * Who may have how many streams on this replica. A place is taken before anything is read
 * for a stream, so that however many are asked for at once, no more are open than may be.
 */
@Component
final class TailPlaces {

	private final Semaphore free;

	private final int mostOfTenant;

	/** Only of tenants that have any: names come and go. */
	private final Map<String, Integer> taken = new ConcurrentHashMap<>();

	TailPlaces(TailSettings settings) {
		this.free = new Semaphore(settings.maxStreams());
		this.mostOfTenant = settings.maxStreamsPerTenant();
	}

	/**
	 * A place for one more stream of this tenant.
	 * @throws dev.agentsessions.problem.ProblemException 429 if the tenant has as many as
	 * one may have, 503 if the replica has
	 */
	Place take(String tenant) {
		this.taken.compute(tenant, (key, count) -> oneMore(count != null ? count : 0));
		if (!this.free.tryAcquire()) {
			oneLess(tenant);
			throw Problems.busy("This replica has as many streams as it may have.");
		}
		return new Place(tenant);
	}

	/** How many a tenant has now, those that are being opened included. */
	int taken(String tenant) {
		return this.taken.getOrDefault(tenant, 0);
	}

	private int oneMore(int count) {
		if (count >= this.mostOfTenant) {
			throw TailProblems.tooManyStreams(this.mostOfTenant);
		}
		return count + 1;
	}

	private void oneLess(String tenant) {
		this.taken.computeIfPresent(tenant, (key, count) -> (count > 1) ? count - 1 : null);
	}

	/** What one stream holds from before it is opened until it has ended. */
	final class Place {

		private final String tenant;

		private final AtomicBoolean left = new AtomicBoolean();

		private Place(String tenant) {
			this.tenant = tenant;
		}

		/**
		 * Gives it back; from the second time on, does nothing. From any thread.
		 */
		void leave() {
			if (this.left.compareAndSet(false, true)) {
				oneLess(this.tenant);
				TailPlaces.this.free.release();
			}
		}

	}

}
