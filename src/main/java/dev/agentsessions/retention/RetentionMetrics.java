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
 * 0 before the first). All are there from the start, so that the first change is seen as
 * one, and absence can alarm.
 */
@Component
public class RetentionMetrics {

	private final MeterRegistry meters;

	private final Clock clock;

	private final Counter softDeleted;

	private final Counter purged;

	private final Counter sessionsRemoved;

	private final Counter messagesRemoved;

	public RetentionMetrics(MeterRegistry meters, Clock clock) {
		this.meters = meters;
		this.clock = clock;
		this.softDeleted = rows("session_soft_deleted");
		this.purged = rows("session_purged");
		this.sessionsRemoved = rows("session_removed");
		this.messagesRemoved = rows("message_removed");
	}

	public void softDeleted(long sessions) {
		this.softDeleted.increment(sessions);
	}

	public void purged(long sessions) {
		this.purged.increment(sessions);
	}

	public void removed(Tally rows) {
		this.sessionsRemoved.increment(rows.sessions());
		this.messagesRemoved.increment(rows.messages());
	}

	/** The meters of one task. */
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

	private Counter rows(String kind) {
		return this.meters.counter("store.retention.rows", "kind", kind);
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
