package dev.agentsessions.search.index;

import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;

import org.springframework.stereotype.Component;

/**
 * <code>store.search.*</code>: messages that this replica has indexed, and up to when
 * everything is (seconds since 1970; 0 before the first round).
 */
@Component
class IndexMetrics {

	private final Counter messages;

	private final AtomicLong through = new AtomicLong();

	IndexMetrics(MeterRegistry meters) {
		this.messages = Counter.builder("store.search.indexed").baseUnit("messages").register(meters);
		TimeGauge.builder("store.search.indexed.through", this.through, TimeUnit.SECONDS, AtomicLong::doubleValue)
			.register(meters);
	}

	void indexed(int messages) {
		this.messages.increment(messages);
	}

	void through(Instant time) {
		this.through.set(Math.max(0, time.getEpochSecond()));
	}

}
