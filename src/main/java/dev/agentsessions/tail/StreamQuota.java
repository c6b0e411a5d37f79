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
final class StreamQuota {

	private final Semaphore free;

	private final int mostOfTenant;

	private final int mostSessionsOfTenant;

	/** Only of tenants that have any: names come and go. */
	private final Map<String, Taken> taken = new ConcurrentHashMap<>();

	StreamQuota(TailSettings settings) {
		this.free = new Semaphore(settings.maxStreams());
		this.mostOfTenant = settings.maxStreamsPerTenant();
		this.mostSessionsOfTenant = settings.maxSessionsPerTenant();
	}

	/**
	 * A place for one more stream of this tenant.
	 * @param sessions how many it will follow
	 * @throws dev.agentsessions.problem.ProblemException 429 if the tenant has as many as
	 * one may have, 503 if the replica has
	 */
	Place take(String tenant, int sessions) {
		this.taken.compute(tenant, (key, before) -> more(before != null ? before : Taken.NOTHING, sessions));
		if (!this.free.tryAcquire()) {
			less(tenant, sessions);
			throw Problems.busy("This replica has as many streams as it may have.");
		}
		return new Place(tenant, sessions);
	}

	/** How many a tenant has now, those that are being opened included. */
	int taken(String tenant) {
		return this.taken.getOrDefault(tenant, Taken.NOTHING).streams();
	}

	private Taken more(Taken before, int sessions) {
		if (before.streams() >= this.mostOfTenant) {
			throw TailProblems.tooManyStreams(this.mostOfTenant);
		}
		if (before.sessions() + sessions > this.mostSessionsOfTenant) {
			throw TailProblems.tooManySessions(this.mostSessionsOfTenant);
		}
		return new Taken(before.streams() + 1, before.sessions() + sessions);
	}

	private void less(String tenant, int sessions) {
		this.taken.computeIfPresent(tenant, (key, before) -> (before.streams() > 1)
				? new Taken(before.streams() - 1, before.sessions() - sessions) : null);
	}

	/** What the streams of a tenant are, and follow; a session counts once for each. */
	private record Taken(int streams, int sessions) {

		static final Taken NOTHING = new Taken(0, 0);

	}

	/** What one stream holds from before it is opened until it has ended. */
	final class Place {

		private final String tenant;

		private final int sessions;

		private final AtomicBoolean left = new AtomicBoolean();

		private Place(String tenant, int sessions) {
			this.tenant = tenant;
			this.sessions = sessions;
		}

		/**
		 * Gives it back; from the second time on, does nothing. From any thread.
		 */
		void leave() {
			if (this.left.compareAndSet(false, true)) {
				less(this.tenant, this.sessions);
				StreamQuota.this.free.release();
			}
		}

	}

}
