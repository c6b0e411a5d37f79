package dev.agentsessions.retention;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;

import org.springframework.stereotype.Component;

/**
 * <code>store.retention.*</code>: rows by kind, and for the job and the sweep each how
 * long a run took, how often it failed, and when one last succeeded (seconds since 1970;
 * 0 before the first).
 */
@Component
public class RetentionMetrics {

	private final MeterRegistry meters;

	private final Clock clock;

	public RetentionMetrics(MeterRegistry meters, Clock clock) {
		this.meters = meters;
		this.clock = clock;
	}

	public void softDeleted(long sessions) {
		rows("session_soft_deleted", sessions);
	}

	public void purged(long sessions) {
		rows("session_purged", sessions);
	}

	public void removed(Tally rows) {
		rows("session_removed", rows.sessions());
		rows("message_removed", rows.messages());
	}

	/**
	 * The meters of one task, which is there from the start, so that absence can alarm.
	 */
	public Task task(String name) {
		AtomicLong lastSuccess = new AtomicLong();
		TimeGauge.builder("store.retention.last.success", lastSuccess, TimeUnit.SECONDS, AtomicLong::doubleValue)
			.tag("task", name)
			.strongReference(true)
			.register(this.meters);
		return new Task(Timer.builder("store.retention.run").tag("task", name).register(this.meters),
				Counter.builder("store.retention.failures").tag("task", name).register(this.meters), lastSuccess,
				this.clock);
	}

	private void rows(String kind, long count) {
		this.meters.counter("store.retention.rows", "kind", kind).increment(count);
	}

	/**
	 * The meters of what is done again and again.
	 *
	 * @param runs those that succeeded
	 */
	public record Task(Timer runs, Counter failures, AtomicLong lastSuccess, Clock clock) {

		public void succeeded(Duration time) {
			this.runs.record(time);
			this.lastSuccess.set(this.clock.instant().getEpochSecond());
		}

		public void failed() {
			this.failures.increment();
		}

	}

}
