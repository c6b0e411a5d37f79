package dev.agentsessions.tail.draft.hub;

import java.util.concurrent.atomic.AtomicLong;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.BaseUnits;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Room for the texts of all drafts that this replica knows, an eighth of the heap.
 */
@Component
final class DraftMemory {

	private final long most;

	private final AtomicLong taken = new AtomicLong();

	@Autowired
	DraftMemory(MeterRegistry meters) {
		this(Runtime.getRuntime().maxMemory() / 8);
		Gauge.builder("store.drafts.size", this.taken, AtomicLong::get)
			.baseUnit(BaseUnits.BYTES)
			.description("texts of drafts that this replica knows")
			.register(meters);
	}

	DraftMemory(long most) {
		this.most = most;
	}

	/** Whether there is room for so many bytes, which are taken then. */
	boolean take(long bytes) {
		if (this.taken.addAndGet(bytes) <= this.most) {
			return true;
		}
		this.taken.addAndGet(-bytes);
		return false;
	}

	void giveBack(long bytes) {
		this.taken.addAndGet(-bytes);
	}

	long taken() {
		return this.taken.get();
	}

}
