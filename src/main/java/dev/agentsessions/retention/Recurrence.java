package dev.agentsessions.retention;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

import dev.agentsessions.problem.LoggedError;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * Does something again and again, never twice at once, until it is stopped. Intervals
 * vary by a tenth, and the first one is a random part of a whole one, so that replicas
 * which start together don't work together. Failing makes it wait, for a second at first
 * and for five minutes at last, and never stops it.
 */
public final class Recurrence {

	private static final Logger log = LoggerFactory.getLogger(Recurrence.class);

	private static final Duration FIRST_RETRY = Duration.ofSeconds(1);

	private static final Duration LAST_RETRY = Duration.ofMinutes(5);

	/** No statement takes as long as this: what is under way then is lost anyway. */
	private static final Duration STOPPING = Duration.ofSeconds(6);

	private final String name;

	private final Duration interval;

	private final Mono<?> work;

	private final Scheduler scheduler;

	private final DoubleSupplier random;

	private final Sinks.Empty<Void> stop = Sinks.empty();

	private final Sinks.Empty<Void> stopped = Sinks.empty();

	private volatile boolean started;

	private volatile boolean stopping;

	private volatile int failures;

	private volatile @Nullable Instant next;

	/**
	 * Prepares it.
	 * @param work done once for each subscription; it should look at
	 * {@link #isStopping()}
	 * @param scheduler what the waiting is done with
	 * @param random from 0 to 1
	 */
	public Recurrence(String name, Duration interval, Mono<?> work, Scheduler scheduler, DoubleSupplier random) {
		this.name = name;
		this.interval = interval;
		this.work = work;
		this.scheduler = scheduler;
		this.random = random;
	}

	public void start() {
		this.started = true;
		rest(between(0, 1)).then(once())
			.then(Mono.defer(() -> rest(untilNext()).then(once())).repeat(() -> !this.stopping).then())
			.doFinally((signal) -> this.stopped.tryEmitEmpty())
			.subscribe();
	}

	/** Lets what is under way end, and then calls back, in bounded time. */
	public void stop(Runnable callback) {
		this.stopping = true;
		this.stop.tryEmitEmpty();
		(this.started ? this.stopped.asMono() : Mono.empty()).timeout(STOPPING, this.scheduler)
			.onErrorComplete()
			.doFinally((signal) -> callback.run())
			.subscribe();
	}

	public boolean isRunning() {
		return this.started && !this.stopping;
	}

	public boolean isStopping() {
		return this.stopping;
	}

	/**
	 * When it is done next; null while it is being done, and if it is not going to be.
	 */
	@Nullable Instant next() {
		return this.next;
	}

	private Mono<Void> once() {
		return Mono.defer(() -> this.stopping ? Mono.empty() : this.work)
			.then(Mono.<Void>fromRunnable(() -> this.failures = 0))
			.onErrorResume((error) -> {
				this.failures++;
				log.warn("{} failed {} times in a row and will be tried again", this.name, this.failures,
						(this.failures == 1) ? LoggedError.ofUnexpected(error) : null);
				return Mono.empty();
			});
	}

	private Mono<Void> rest(Duration time) {
		return Mono.defer(() -> {
			this.next = Instant.ofEpochMilli(this.scheduler.now(TimeUnit.MILLISECONDS)).plus(time);
			return Mono.delay(time, this.scheduler).takeUntilOther(this.stop.asMono());
		}).doFinally((signal) -> this.next = null).then();
	}

	private Duration untilNext() {
		if (this.failures == 0) {
			return between(0.9, 1.1);
		}
		Duration wait = FIRST_RETRY.multipliedBy(1L << Math.min(this.failures - 1, 20));
		return share((wait.compareTo(LAST_RETRY) < 0) ? wait : LAST_RETRY, 0.5, 1);
	}

	private Duration between(double least, double most) {
		return share(this.interval, least, most);
	}

	private Duration share(Duration whole, double least, double most) {
		return Duration.ofMillis((long) (whole.toMillis() * (least + (most - least) * this.random.getAsDouble())));
	}

}
