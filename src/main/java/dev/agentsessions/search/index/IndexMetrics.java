package dev.agentsessions.search.index;

import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

import dev.agentsessions.database.Buckets;
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

	/** Of each bucket. */
	private final AtomicLongArray through;

	IndexMetrics(MeterRegistry meters, Buckets buckets) {
		this.through = new AtomicLongArray(buckets.count());
		this.messages = Counter.builder("store.search.indexed").baseUnit("messages").register(meters);
		for (int i = 0; i < buckets.count(); i++) {
			int bucket = i;
			TimeGauge
				.builder("store.search.indexed.through", this.through, TimeUnit.SECONDS,
						(through) -> through.get(bucket))
				.tag("bucket", Integer.toString(bucket))
				.register(meters);
		}
	}

	void indexed(int messages) {
		this.messages.increment(messages);
	}

	void through(int bucket, Instant time) {
		this.through.set(bucket, Math.max(0, time.getEpochSecond()));
	}

}
