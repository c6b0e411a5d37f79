package dev.agentsessions.tail.draft.hub;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.BaseUnits;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Room for the texts of all drafts that this replica knows, an eighth of the heap. One
 * tenant gets half of it at most.
 */
@Component
final class DraftMemory {

	private final long most;

	private final AtomicLong taken = new AtomicLong();

	private final Map<String, Long> ofTenants = new ConcurrentHashMap<>();

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
	boolean take(String tenant, long bytes) {
		long all = this.taken.addAndGet(bytes);
		long ofTenant = this.ofTenants.merge(tenant, bytes, Long::sum);
		boolean fits = all <= this.most && ofTenant <= this.most / 2;
		if (!fits) {
			giveBack(tenant, bytes);
		}
		return fits;
	}

	void giveBack(String tenant, long bytes) {
		this.taken.addAndGet(-bytes);
		this.ofTenants.computeIfPresent(tenant, (key, had) -> (had > bytes) ? had - bytes : null);
	}

	long taken() {
		return this.taken.get();
	}

}
