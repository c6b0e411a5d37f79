package dev.agentsessions.connection;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.stereotype.Component;

/**
 * What can be seen of the connections from outside.
 */
@Component
public final class ConnectionCounts {

	private static final Logger log = LoggerFactory.getLogger(ConnectionCounts.class);

	private static final long LOG_INTERVAL = Duration.ofSeconds(1).toNanos();

	private final AtomicInteger open = new AtomicInteger();

	/** Requests that were refused and are not in the log yet. */
	private final AtomicInteger unreadable = new AtomicInteger();

	private final AtomicLong lastLogged = new AtomicLong(System.nanoTime() - LOG_INTERVAL);

	private final Counter refused;

	private final Map<Closing, Counter> closed = new EnumMap<>(Closing.class);

	public ConnectionCounts(MeterRegistry meters) {
		Gauge.builder("store.connections.open", this.open, AtomicInteger::get)
			.description("connections of clients, those being refused included")
			.register(meters);
		this.refused = Counter.builder("store.connections.refused")
			.description("connections that were one too many")
			.register(meters);
		for (Closing closing : Closing.values()) {
			this.closed.put(closing,
					Counter.builder("store.connections.closed")
						.tag("reason", closing.reason())
						.description("connections that were closed because of what their clients do")
						.register(meters));
		}
	}

	/** How many connections there are now, those being refused included. */
	int open() {
		return this.open.get();
	}

	/**
	 * Counts a connection in.
	 * @return how many there are with it
	 */
	public int opened() {
		return this.open.incrementAndGet();
	}

	public void gone() {
		this.open.decrementAndGet();
	}

	public void refused() {
		this.refused.increment();
	}

	public void closed(Closing closing) {
		Objects.requireNonNull(this.closed.get(closing)).increment();
		if (closing == Closing.UNREADABLE) {
			logUnreadable(System.nanoTime());
		}
	}

	/** At most once a second, however many there are, and nothing of what they sent. */
	private void logUnreadable(long now) {
		int count = this.unreadable.incrementAndGet();
		long last = this.lastLogged.get();
		if (now - last >= LOG_INTERVAL && this.lastLogged.compareAndSet(last, now)) {
			this.unreadable.addAndGet(-count);
			log.warn("{} requests could not be read as HTTP and were refused", count);
		}
	}

}
