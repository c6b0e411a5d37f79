package dev.agentsessions.tail.draft.hub;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.stereotype.Component;

/**
 * What can be seen of drafts from outside.
 */
@Component
final class DraftMetrics {

	private final AtomicInteger writers = new AtomicInteger();

	private final Counter pieces;

	private final Counter stored;

	private final Map<WriterEnd, Counter> ended = new EnumMap<>(WriterEnd.class);

	DraftMetrics(MeterRegistry registry) {
		Gauge.builder("store.drafts.writers", this.writers, AtomicInteger::get)
			.description("requests that write to drafts")
			.register(registry);
		this.pieces = Counter.builder("store.drafts.pieces")
			.description("pieces of text that writers have sent")
			.register(registry);
		this.stored = Counter.builder("store.drafts.stored")
			.description("writes of a draft's text for other replicas")
			.register(registry);
		for (WriterEnd outcome : WriterEnd.values()) {
			this.ended.put(outcome,
					Counter.builder("store.drafts.ended")
						.tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
						.description("requests that wrote to a draft, by how they ended")
						.register(registry));
		}
	}

	void writerComes() {
		this.writers.incrementAndGet();
	}

	/** A writer has gone. */
	void writerGoes(WriterEnd outcome) {
		this.writers.decrementAndGet();
		Objects.requireNonNull(this.ended.get(outcome)).increment();
	}

	void said() {
		this.pieces.increment();
	}

	void stored() {
		this.stored.increment();
	}

	/** How a request that wrote to a draft has ended. */
	enum WriterEnd {

		COMMITTED, DISCARDED,

		/** It is open, and another request may go on with it. */
		LEFT,

		/** Another writer goes on with it. */
		TAKEN,

		/** Discarded after some silence. */
		SILENT

	}

}
