package dev.agentsessions.database.lane;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/**
 * <code>store.lanes.*</code>: what can be seen of the lanes of one kind from outside.
 * Recorded for batches, which many requests share, and for what goes wrong: a request
 * itself costs microseconds.
 */
final class LaneMetrics {

	private static final Duration[] BOUNDS = { Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofMillis(5),
			Duration.ofMillis(10), Duration.ofMillis(25), Duration.ofMillis(50), Duration.ofMillis(100),
			Duration.ofMillis(250), Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofMillis(2500) };

	private final MeterRegistry registry;

	private final String kind;

	private final DistributionSummary batches;

	private final Timer waits;

	private final Timer runs;

	private final Counter full;

	private final Counter tenantFull;

	private final Counter late;

	private final Counter lost;

	/**
	 * Registers the meters.
	 * @param kind <code>reader</code> or <code>writer</code>
	 */
	LaneMetrics(MeterRegistry registry, String kind) {
		this.registry = registry;
		this.kind = kind;
		this.batches = DistributionSummary.builder("store.lanes.batch.requests")
			.description("requests in one statement")
			.tag("kind", kind)
			.register(registry);
		this.waits = timer("store.lanes.wait", "what the oldest request of a batch waited in its queue");
		this.runs = timer("store.lanes.run", "from taking a batch until its answers are there, further tries included");
		this.full = refused("full");
		this.tenantFull = refused("tenant");
		this.late = refused("late");
		this.lost = Counter.builder("store.lanes.connections.lost")
			.description("connections given up with requests under way")
			.tag("kind", kind)
			.register(registry);
	}

	/** Shows what waits in the queues of the lanes. */
	void watch(List<LaneQueue> queues) {
		gauge("store.lanes.queue.requests", queues, LaneQueue::requests).description("requests that wait")
			.register(this.registry);
		gauge("store.lanes.queue.size", queues, LaneQueue::bytes).description("bytes of requests that wait")
			.baseUnit("bytes")
			.register(this.registry);
	}

	/**
	 * A batch was taken from the queue.
	 * @param waited nanoseconds that its oldest request was in there
	 */
	void began(int requests, long waited) {
		this.batches.record(requests);
		this.waits.record(waited, TimeUnit.NANOSECONDS);
	}

	/** A batch has its answers, this many nanoseconds after it was taken. */
	void ended(long nanos) {
		this.runs.record(nanos, TimeUnit.NANOSECONDS);
	}

	/** A request found no place in the queue. */
	void full() {
		this.full.increment();
	}

	/** A request found no place in its tenant's part of the queue. */
	void tenantFull() {
		this.tenantFull.increment();
	}

	/** A request left the queue because nobody waits for it any longer. */
	void late() {
		this.late.increment();
	}

	void lost() {
		this.lost.increment();
	}

	private Timer timer(String name, String description) {
		return Timer.builder(name)
			.description(description)
			.tag("kind", this.kind)
			.serviceLevelObjectives(BOUNDS)
			.register(this.registry);
	}

	private Counter refused(String reason) {
		return Counter.builder("store.lanes.refused")
			.description("requests that never reached the database")
			.tag("kind", this.kind)
			.tag("reason", reason)
			.register(this.registry);
	}

	private Gauge.Builder<List<LaneQueue>> gauge(String name, List<LaneQueue> queues,
			ToLongFunction<LaneQueue> amount) {
		return Gauge.builder(name, queues, (all) -> all.stream().mapToLong(amount).sum())
			.tag("kind", this.kind)
			.strongReference(true);
	}

}
