package dev.agentsessions.database.health;

import dev.agentsessions.schedule.Lifecycle;
import dev.agentsessions.schedule.RecurringJob;
import dev.agentsessions.schedule.Timing;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.ReactiveHealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * Whether the database answered when it was asked last: it decides on readiness, never on
 * liveness. It is asked at intervals and not by whoever asks for health, which anybody
 * may do at any rate. How many failures make a replica not ready is up to its probes.
 */
public final class DatabaseHealth extends Lifecycle implements ReactiveHealthIndicator {

	private static final Logger log = LoggerFactory.getLogger(DatabaseHealth.class);

	private final Sinks.Empty<Void> asked = Sinks.empty();

	private volatile boolean answers = true;

	/**
	 * Makes one that has not asked yet.
	 * @param question completes when the database has answered
	 * @param scheduler whose clock says when to ask and for how long to wait
	 */
	public DatabaseHealth(Mono<?> question, ReadinessTimes times, Scheduler scheduler, MeterRegistry meters) {
		super(Phase.DATABASE);
		Gauge.builder("store.database.answers", () -> this.answers ? 1 : 0)
			.description("1 while the database answers, and has the tables of this version")
			.register(meters);
		Mono<Boolean> answer = question.thenReturn(true).timeout(times.timeout(), scheduler).onErrorReturn(false);
		runs(new RecurringJob("the question whether the database answers", Timing.steady(times.interval()),
				answer.doOnNext(this::take), scheduler));
	}

	private void take(boolean answered) {
		if (this.answers != answered) {
			log.info("The database {}", answered ? "answers" : "does not answer: not ready");
		}
		this.answers = answered;
		this.asked.tryEmitEmpty();
	}

	/** What the latest question found; before the first answer it waits for that. */
	@Override
	public Mono<Health> health() {
		return this.asked.asMono()
			.then(Mono.fromSupplier(() -> Health.status(this.answers ? Status.UP : Status.DOWN).build()));
	}

}
