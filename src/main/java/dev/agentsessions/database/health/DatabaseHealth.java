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

/**
 * Whether the database answers: it decides on readiness, never on liveness. It is asked
 * at intervals and not by whoever asks for health, which anybody may do at any rate; so
 * how many ask, and how often, changes neither the verdict nor the database's load.
 */
public final class DatabaseHealth implements ReactiveHealthIndicator, DisposableBean {

	private static final Logger log = LoggerFactory.getLogger(DatabaseHealth.class);

	/** How many questions in a row must fail before <code>/readyz</code> is 503. */
	private static final int FAILURES = 2;

	/** How many in a row must be answered before it is 200 again. */
	private static final int SUCCESSES = 2;

	private final Hysteresis hysteresis;

	private final Sinks.Empty<Void> asked = Sinks.empty();

	private final Disposable questions;

	/**
	 * Begins to ask at once.
	 * @param question completes when the database has answered
	 * @param scheduler whose clock says when to ask and for how long to wait
	 */
	public DatabaseHealth(Mono<?> question, ReadinessTimes times, Scheduler scheduler) {
		this.hysteresis = new Hysteresis(FAILURES, SUCCESSES);
		Mono<Boolean> answer = question.thenReturn(true).timeout(times.timeout(), scheduler).onErrorReturn(false);
		this.questions = Flux.interval(Duration.ZERO, times.interval(), scheduler)
			.onBackpressureDrop()
			.concatMap((tick) -> answer, 0)
			.subscribe(this::take);
	}

	private void take(boolean answered) {
		if (this.hysteresis.add(answered)) {
			log.info("The database {}", answered ? "answers" : "does not answer: not ready");
		}
		this.asked.tryEmitEmpty();
	}

	/** The verdict of now; before the first answer it waits for that. */
	@Override
	public Mono<Health> health() {
		return this.asked.asMono().then(Mono.fromSupplier(this::verdict));
	}

	private Health verdict() {
		return Boolean.TRUE.equals(this.hysteresis.verdict()) ? Health.up().build() : Health.down().build();
	}

	@Override
	public void destroy() {
		this.questions.dispose();
	}

}
