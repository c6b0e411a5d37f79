package dev.agentsessions.schedule;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

import dev.agentsessions.problem.LoggedError;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Does something again and again, never twice at once, until it is stopped. Failing makes
 * it wait, longer with each failure in a row, and never stops it; the log tells of the
 * first failure, the second, the fourth and so on.
 */
public final class RecurringJob {

	private static final Logger log = LoggerFactory.getLogger(RecurringJob.class);

	/** No statement takes as long as this: what is under way then is lost anyway. */
	private static final Duration LONGEST_STOP = Duration.ofSeconds(6);

	private final String name;

	private final Timing timing;

	private final Mono<?> work;

	private final Scheduler scheduler;

	private final DoubleSupplier random;

	private final Sinks.Empty<Void> stopping = Sinks.empty();

	private final Sinks.Empty<Void> stopped = Sinks.empty();

	private volatile boolean started;

	private volatile boolean ending;

	private volatile int failures;

	private volatile @Nullable Instant next;

	/**
	 * Makes a job that has not begun.
	 * @param name what the log calls it
	 * @param work subscribed to once for each run; if it may take long, it looks at
	 * {@link #isStopping()} or ends with {@link #stopping()}
	 */
	public RecurringJob(String name, Timing timing, Mono<?> work) {
		this(name, timing, work, Schedulers.parallel());
	}

	/**
	 * Makes a job that has not begun.
	 * @param scheduler whose clock says when to run
	 */
	public RecurringJob(String name, Timing timing, Mono<?> work, Scheduler scheduler) {
		this(name, timing, work, scheduler, () -> ThreadLocalRandom.current().nextDouble());
	}

	/**
	 * Makes a job that has not begun.
	 * @param random from 0 to 1
	 */
	RecurringJob(String name, Timing timing, Mono<?> work, Scheduler scheduler, DoubleSupplier random) {
		this.name = name;
		this.timing = timing;
		this.work = work;
		this.scheduler = scheduler;
		this.random = random;
	}

	public void start() {
		this.started = true;
		rest(this.timing.beforeFirst(this.random)).then(run())
			.then(Mono.defer(() -> rest(this.timing.beforeNext(this.failures, this.random)).then(run()))
				.repeat(() -> !this.ending)
				.then())
			.doFinally((signal) -> this.stopped.tryEmitEmpty())
			.subscribe();
	}

	/**
	 * Lets the run that is under way end, and begins no other. It does so when it is
	 * called.
	 * @return completes when that run has ended, after 6 s at the latest
	 */
	public Mono<Void> stop() {
		this.ending = true;
		this.stopping.tryEmitEmpty();
		return (this.started ? this.stopped.asMono() : Mono.<Void>empty()).timeout(LONGEST_STOP, this.scheduler)
			.onErrorComplete();
	}

	public boolean isStopping() {
		return this.ending;
	}

	/** Completes when the job is told to stop. */
	public Mono<Void> stopping() {
		return this.stopping.asMono();
	}

	/** When it runs next; null while it runs, and if it is not going to. */
	public @Nullable Instant next() {
		return this.next;
	}

	private Mono<Void> run() {
		return Mono.defer(() -> {
			this.next = null;
			return this.ending ? Mono.empty() : this.work;
		}).then(Mono.<Void>fromRunnable(() -> this.failures = 0)).onErrorResume((error) -> {
			this.failures++;
			if (Integer.bitCount(this.failures) == 1) {
				log.warn("{} failed {} times in a row and will be tried again", this.name, this.failures,
						(this.failures == 1) ? LoggedError.ofUnexpected(error) : null);
			}
			return Mono.empty();
		});
	}

	private Mono<Void> rest(Duration time) {
		return Mono.defer(() -> {
			this.next = Instant.ofEpochMilli(this.scheduler.now(TimeUnit.MILLISECONDS)).plus(time);
			return Mono.delay(time, this.scheduler).takeUntilOther(this.stopping.asMono());
		}).then();
	}

}
