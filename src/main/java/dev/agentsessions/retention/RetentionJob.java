package dev.agentsessions.retention;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import dev.agentsessions.schedule.Lifecycle;
import dev.agentsessions.schedule.RecurringJob;
import dev.agentsessions.schedule.Steps;
import dev.agentsessions.schedule.Timing;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Component;

/**
 * Takes away what is due, of all tenants, by itself and on every replica: rows that
 * another replica is at work on are passed over, so there is no leader.
 */
@Component
public class RetentionJob extends Lifecycle {

	private static final Logger log = LoggerFactory.getLogger(RetentionJob.class);

	private final Retention retention;

	private final RetentionSettings settings;

	private final RetentionMetrics.Task meters;

	private final Clock clock;

	private final RecurringJob job;

	private volatile @Nullable RetentionRun lastRun;

	RetentionJob(Retention retention, RetentionSettings settings, RetentionMetrics metrics, Clock clock) {
		super(Phase.CLEAN_UP);
		this.retention = retention;
		this.settings = settings;
		this.meters = metrics.task("job");
		this.clock = clock;
		this.job = new RecurringJob("retention", Timing.spread(settings.interval()), Mono.defer(this::run));
	}

	/** The latest run of this replica; null before the first. */
	@Nullable RetentionRun lastRun() {
		return this.lastRun;
	}

	/** When this replica runs next; null while it runs, and if the job is disabled. */
	@Nullable Instant nextRun() {
		return this.job.next();
	}

	/**
	 * One run: first the idle, then the expired, then the old, each also if one before
	 * has failed. Errors: 503, with all done that could be.
	 */
	Mono<RetentionRun> run() {
		Instant start = this.clock.instant();
		RunProgress progress = new RunProgress();
		Flux<Tally> cleanUp = this.retention.cleanUp(null, this.settings.maxIdle(), this.job::isStopping)
			.map(Tally::of)
			.doOnNext((batch) -> progress.cleaned = progress.cleaned.plus(batch));
		Flux<Tally> expire = this.retention.expire(null, this.job::isStopping)
			.map(Tally::of)
			.doOnNext((batch) -> progress.expired = progress.expired.plus(batch));
		Flux<Tally> purge = this.retention.purge(null, this.settings.purgeAfter(), this.job::isStopping)
			.map(Tally::of)
			.doOnNext((batch) -> progress.purged = progress.purged.plus(batch));
		return Steps.all(List.of(cleanUp, expire, purge))
			.then(Mono.fromSupplier(() -> ended(start, progress, true)))
			.doOnError((error) -> ended(start, progress, false));
	}

	private RetentionRun ended(Instant start, RunProgress progress, boolean succeeded) {
		RetentionRun run = new RetentionRun(start, this.clock.instant(), succeeded,
				progress.cleaned.plus(progress.expired).sessions(), progress.expired.sessions(),
				progress.purged.sessions(), progress.purged.messages());
		this.lastRun = run;
		Duration time = Duration.between(run.startedAt(), run.finishedAt());
		if (succeeded) {
			this.meters.succeeded(time);
		}
		else {
			this.meters.failed();
		}
		if (run.cleaned() > 0 || !progress.purged.isNone()) {
			log.info("retention soft-deleted {} sessions, {} of them expired, and purged {} with {} messages in {} ms",
					run.cleaned(), run.expired(), run.deleted(), run.messages(), time.toMillis());
		}
		return run;
	}

	@Override
	protected void begin() {
		if (this.settings.enabled()) {
			this.job.start();
		}
	}

	@Override
	protected Mono<Void> end() {
		return this.job.stop();
	}

	/** What a run has done so far; one batch at a time adds to it. */
	private static final class RunProgress {

		private volatile Tally cleaned = Tally.NONE;

		private volatile Tally expired = Tally.NONE;

		private volatile Tally purged = Tally.NONE;

	}

}
