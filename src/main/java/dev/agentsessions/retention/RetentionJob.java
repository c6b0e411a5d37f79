package dev.agentsessions.retention;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Takes away what is due, of all tenants, by itself and on every replica: rows that
 * another replica is at work on are passed over, so there is no leader.
 */
@Component
public class RetentionJob implements SmartLifecycle {

	private static final Logger log = LoggerFactory.getLogger(RetentionJob.class);

	/** Before the lanes, behind the web server. */
	public static final int PHASE = 100;

	private final Retention retention;

	private final RetentionSettings settings;

	private final RetentionMetrics.Task meters;

	private final Clock clock;

	private final Recurrence recurrence;

	private volatile @Nullable RetentionRun lastRun;

	RetentionJob(Retention retention, RetentionSettings settings, RetentionMetrics metrics, Clock clock) {
		this.retention = retention;
		this.settings = settings;
		this.meters = metrics.task("job");
		this.clock = clock;
		this.recurrence = new Recurrence("retention", settings.interval(), Mono.defer(this::run), Schedulers.parallel(),
				() -> ThreadLocalRandom.current().nextDouble());
	}

	/** The latest run of this replica; null before the first. */
	@Nullable RetentionRun lastRun() {
		return this.lastRun;
	}

	/** When this replica runs next; null while it runs, and if the job is disabled. */
	@Nullable Instant nextRun() {
		return this.recurrence.next();
	}

	/**
	 * One run: first the idle, then the old. Errors: 503, with the batches before it
	 * done.
	 */
	Mono<RetentionRun> run() {
		Instant start = this.clock.instant();
		Progress progress = new Progress();
		Flux<Tally> cleanUp = this.retention.cleanUp(null, this.settings.maxIdle(), this.recurrence::isStopping)
			.map(Tally::of)
			.doOnNext((batch) -> progress.cleaned = progress.cleaned.plus(batch));
		Flux<Tally> purge = this.retention.purge(null, this.settings.purgeAfter(), this.recurrence::isStopping)
			.map(Tally::of)
			.doOnNext((batch) -> progress.purged = progress.purged.plus(batch));
		return cleanUp.thenMany(purge)
			.then(Mono.fromSupplier(() -> ended(start, progress, true)))
			.doOnError((error) -> ended(start, progress, false));
	}

	private RetentionRun ended(Instant start, Progress progress, boolean succeeded) {
		RetentionRun run = new RetentionRun(start, this.clock.instant(), succeeded, progress.cleaned.sessions(),
				progress.purged.sessions(), progress.purged.messages());
		this.lastRun = run;
		Duration time = Duration.between(run.startedAt(), run.finishedAt());
		if (succeeded) {
			this.meters.succeeded(time);
		}
		else {
			this.meters.failed();
		}
		if (!progress.cleaned.isNone() || !progress.purged.isNone()) {
			log.info("retention soft-deleted {} idle sessions and purged {} with {} messages in {} ms", run.cleaned(),
					run.deleted(), run.messages(), time.toMillis());
		}
		return run;
	}

	@Override
	public void start() {
		if (this.settings.enabled()) {
			this.recurrence.start();
		}
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
		return PHASE;
	}

	/** What a run has done so far; one batch at a time adds to it. */
	private static final class Progress {

		private volatile Tally cleaned = Tally.NONE;

		private volatile Tally purged = Tally.NONE;

	}

}
