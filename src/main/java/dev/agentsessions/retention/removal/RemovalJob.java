package dev.agentsessions.retention.removal;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

import dev.agentsessions.retention.Recurrence;
import dev.agentsessions.retention.RetentionJob;
import dev.agentsessions.retention.RetentionMetrics;
import dev.agentsessions.retention.RetentionPace;
import dev.agentsessions.retention.Tally;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Looks every few seconds for what is to be removed, on every replica and also while the
 * {@link RetentionJob} is disabled: what a client has deleted for good must not stay.
 */
@Component
class RemovalJob implements SmartLifecycle {

	private static final Logger log = LoggerFactory.getLogger(RemovalJob.class);

	private final Removal removal;

	private final RetentionMetrics.Task meters;

	private final Recurrence recurrence;

	RemovalJob(Removal removal, RetentionPace pace, RetentionMetrics metrics) {
		this.removal = removal;
		this.meters = metrics.task("sweep");
		this.recurrence = new Recurrence("the removal of purged sessions", pace.sweepInterval(), Mono.defer(this::run),
				Schedulers.parallel(), () -> ThreadLocalRandom.current().nextDouble());
	}

	private Mono<Tally> run() {
		long start = System.nanoTime();
		return this.removal.sweep(this.recurrence::isStopping)
			.doOnNext((removed) -> ended(removed, Duration.ofNanos(System.nanoTime() - start)))
			.doOnError((error) -> this.meters.failed());
	}

	private void ended(Tally removed, Duration time) {
		this.meters.succeeded(time);
		if (!removed.isNone()) {
			log.info("removed {} purged sessions and {} messages in {} ms", removed.sessions(), removed.messages(),
					time.toMillis());
		}
	}

	@Override
	public void start() {
		this.recurrence.start();
	}

	@Override
	public void stop(Runnable callback) {
		this.recurrence.stop(callback);
	}

	@Override
	public void stop() {
		stop(() -> {
		});
	}

	@Override
	public boolean isRunning() {
		return this.recurrence.isRunning();
	}

	@Override
	public int getPhase() {
		return RetentionJob.PHASE;
	}

}
