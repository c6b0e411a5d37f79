package dev.agentsessions.tail.output;

import java.util.concurrent.atomic.AtomicInteger;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.stereotype.Component;

/**
 * What can be seen of the tails from outside.
 */
@Component
public final class TailMetrics {

	private final AtomicInteger open;

	private final AtomicInteger slow;

	private final Counter delivered;

	private final Counter catchUps;

	private final Counter received;

	private final Counter missed;

	public TailMetrics(MeterRegistry registry) {
		this.open = registry.gauge("store.tails.open", new AtomicInteger());
		this.slow = registry.gauge("store.tails.slow", new AtomicInteger());
		this.delivered = Counter.builder("store.tails.delivered")
			.description("events handed to a socket")
			.register(registry);
		this.catchUps = Counter.builder("store.tails.catch.ups")
			.description("reads of a log for a follower that was behind")
			.register(registry);
		this.received = Counter.builder("store.tails.wake.ups")
			.tag("outcome", "received")
			.description("hints from other replicas")
			.register(registry);
		this.missed = Counter.builder("store.tails.wake.ups")
			.tag("outcome", "missed")
			.description("changes that were found without a hint")
			.register(registry);
	}

	/** Counts a stream in. */
	public void opened() {
		this.open.incrementAndGet();
	}

	public void closed() {
		this.open.decrementAndGet();
	}

	/** So many streams more, or fewer, have a reader that takes nothing. */
	void slow(int streams) {
		this.slow.addAndGet(streams);
	}

	public void delivered(int events) {
		this.delivered.increment(events);
	}

	public void caughtUp() {
		this.catchUps.increment();
	}

	public void wokenUp() {
		this.received.increment();
	}

	public void missedWakeUp() {
		this.missed.increment();
	}

}
