package dev.agentsessions.database.health;

import java.time.Duration;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.ReactiveHealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * Whether the database answered when it was asked last: it decides on readiness, never on
 * liveness. It is asked at intervals and not by whoever asks for health, which anybody
 * may do at any rate. How many failures make a replica not ready is up to its probes.
 */
public final class DatabaseHealth implements ReactiveHealthIndicator, DisposableBean {

	private static final Logger log = LoggerFactory.getLogger(DatabaseHealth.class);

	private final Sinks.Empty<Void> asked = Sinks.empty();

	private final Disposable questions;

	private volatile boolean answers = true;

	/**
	 * Begins to ask at once.
	 * @param question completes when the database has answered
	 * @param scheduler whose clock says when to ask and for how long to wait
	 */
	public DatabaseHealth(Mono<?> question, ReadinessSettings settings, Scheduler scheduler) {
		Mono<Boolean> answer = question.thenReturn(true).timeout(settings.timeout(), scheduler).onErrorReturn(false);
		this.questions = Flux.interval(Duration.ZERO, settings.interval(), scheduler)
			.onBackpressureDrop()
			.concatMap((tick) -> answer, 0)
			.subscribe(this::take);
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

	@Override
	public void destroy() {
		this.questions.dispose();
	}

}
