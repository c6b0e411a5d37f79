package dev.agentsessions.retention;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

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

	private volatile @Nullable EndedRun lastRun;

	RetentionJob(Retention retention, RetentionSettings settings, RetentionMetrics metrics, Clock clock) {
		super(Phase.CLEAN_UP);
		this.retention = retention;
		this.settings = settings;
		this.meters = metrics.task("job");
		this.clock = clock;
		this.job = runs(new RecurringJob("retention", Timing.spread(settings.interval()), Mono.defer(this::run)));
	}

	/**
	 * The latest run of this replica, with what it has done for a tenant; null before the
	 * first.
	 */
	@Nullable RetentionRun lastRun(String tenant) {
		EndedRun last = this.lastRun;
		return (last != null) ? last.of((done) -> done.getOrDefault(tenant, Tally.NONE)) : null;
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
		Flux<List<Departure>> idle = this.retention.cleanUp(null, this.settings.maxIdle(), this.job::isStopping)
			.doOnNext((batch) -> add(batch, progress.idle));
		Flux<List<Departure>> expired = this.retention.expire(null, this.job::isStopping)
			.doOnNext((batch) -> add(batch, progress.expired));
		Flux<List<Departure>> purged = this.retention.purge(null, this.settings.purgeAfter(), this.job::isStopping)
			.doOnNext((batch) -> add(batch, progress.purged));
		return Steps.all(List.of(idle, expired, purged))
			.then(Mono.fromSupplier(() -> ended(start, progress, true)))
			.doOnError((error) -> ended(start, progress, false));
	}

	private RetentionRun ended(Instant start, RunProgress progress, boolean succeeded) {
		EndedRun ended = new EndedRun(start, this.clock.instant(), succeeded, progress);
		this.lastRun = ended;
		RetentionRun run = ended.of((done) -> done.values().stream().reduce(Tally.NONE, Tally::plus));
		Duration time = Duration.between(run.startedAt(), run.finishedAt());
		if (succeeded) {
			this.meters.succeeded(time);
		}
		else {
			this.meters.failed();
		}
		if (run.cleaned() > 0 || run.deleted() > 0) {
			log.info("retention soft-deleted {} sessions, {} of them expired, and purged {} with {} messages in {} ms",
					run.cleaned(), run.expired(), run.deleted(), run.messages(), time.toMillis());
		}
		return run;
	}

	@Override
	protected void begin() {
		if (this.settings.enabled()) {
			super.begin();
		}
	}

	private static void add(List<Departure> batch, Map<String, Tally> done) {
		batch.forEach((each) -> done.merge(each.session().tenant(), Tally.of(List.of(each)), Tally::plus));
	}

	/** What a run has done so far, by tenant; one batch at a time adds to it. */
	private static final class RunProgress {

		private final Map<String, Tally> idle = new ConcurrentHashMap<>();

		private final Map<String, Tally> expired = new ConcurrentHashMap<>();

		private final Map<String, Tally> purged = new ConcurrentHashMap<>();

	}

	/** A run for all tenants. */
	private record EndedRun(Instant startedAt, Instant finishedAt, boolean succeeded, RunProgress done) {

		/**
		 * As it is told.
		 * @param whose from what was done by tenant to what is counted
		 */
		RetentionRun of(Function<Map<String, Tally>, Tally> whose) {
			Tally expired = whose.apply(this.done.expired);
			Tally purged = whose.apply(this.done.purged);
			return new RetentionRun(this.startedAt, this.finishedAt, this.succeeded,
					whose.apply(this.done.idle).plus(expired).sessions(), expired.sessions(), purged.sessions(),
					purged.messages());
		}

	}

}
