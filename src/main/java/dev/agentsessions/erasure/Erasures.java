package dev.agentsessions.erasure;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

import dev.agentsessions.problem.Problem;
import dev.agentsessions.retention.RetentionPace;
import dev.agentsessions.schedule.Lifecycle;
import dev.agentsessions.schedule.RecurringJob;
import dev.agentsessions.schedule.Timing;
import dev.agentsessions.session.SessionIds;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Service;

/**
 * Erases sessions. What is asked for is written down first; then sessions are put out of
 * reach, batch after batch, by whichever replica looks, so a crash only makes it take
 * longer. Their rows are removed like those of every session that is gone for good. The
 * log names an erasure by its id only.
 */
@Service
class Erasures extends Lifecycle {

	private static final Logger log = LoggerFactory.getLogger(Erasures.class);

	/** As many are out of reach before the answer, if nothing keeps them. */
	private static final int BEFORE_ANSWER = 1000;

	private static final Duration LONGEST_ANSWER = Duration.ofSeconds(3);

	/** How long others wait while one is at work, or waits for a session that is busy. */
	private static final Duration LONGEST_TURN = Duration.ofSeconds(10);

	/** Who is writing to a session is done with it after some milliseconds. */
	private static final Duration UNTIL_UNLOCKED = Duration.ofMillis(20);

	private static final int AT_ONCE = 100;

	private static final int BUCKETS_AT_ONCE = 4;

	/** No erasure has another id. */
	private static final Pattern UUID = Pattern.compile("[0-9a-f-]{36}");

	private final ErasureRepository repository;

	private final RetentionPace pace;

	private final Clock clock;

	private final AtomicInteger unfinished = new AtomicInteger();

	private final Counter done;

	private final RecurringJob job;

	Erasures(ErasureRepository repository, RetentionPace pace, Clock clock, MeterRegistry meters) {
		super(Phase.CLEAN_UP);
		this.repository = repository;
		this.pace = pace;
		this.clock = clock;
		Gauge.builder("store.erasures.unfinished", this.unfinished, AtomicInteger::get)
			.description("erasures that were not done when this replica last looked, " + AT_ONCE + " at most")
			.register(meters);
		this.done = Counter.builder("store.erasures.done")
			.description("erasures that this replica has seen to their end")
			.register(meters);
		this.job = new RecurringJob("the erasure of sessions", Timing.spread(pace.sweepInterval()),
				Mono.defer(this::run));
	}

	/**
	 * Erases what is named. When this answers, it will be done, and at least some is out
	 * of reach; who hangs up changes nothing about that. Errors: 503.
	 */
	Mono<Erasure> request(String tenant, ErasureTarget target) {
		return this.repository.begin(tenant, SessionIds.next(this.clock), target).flatMap((begun) -> {
			Erasure erasure = Erasure.whole(begun).orElseThrow();
			Instant end = this.clock.instant().plus(LONGEST_ANSWER);
			return Flux.fromIterable(begun)
				// one may have to wait for a session that is busy
				.flatMap((each) -> mark(each, Duration.ZERO, end), BUCKETS_AT_ONCE)
				.scan(0, Integer::sum)
				.takeUntil((marked) -> marked > BEFORE_ANSWER)
				// it is written down: others go on with it
				.onErrorComplete()
				.then(Mono.defer(() -> this.repository.find(tenant, erasure.erasureId())))
				.onErrorReturn(erasure);
		});
	}

	/** One erasure. Errors: 404, 503. */
	Mono<Erasure> find(String tenant, String erasureId) {
		Mono<Erasure> found = UUID.matcher(erasureId).matches() ? this.repository.find(tenant, erasureId)
				: Mono.empty();
		return found.switchIfEmpty(
				Mono.error(() -> Problem
					.of(404, "erasure-not-found", "The erasure does not exist",
							"There is no erasure with this id, or it was done more than 90 days ago.")
					.exception()));
	}

	/**
	 * Puts its sessions out of reach that are in this bucket; how many in each batch,
	 * until none is left, or up to this time.
	 */
	private Flux<Integer> mark(Erasure erasure, Duration pause, Instant end) {
		Mono<Integer> batch = Mono.defer(() -> (this.job.isStopping() || this.clock.instant().isAfter(end))
				? Mono.empty() : this.repository.mark(erasure, Math.min(this.pace.batchSize(), BEFORE_ANSWER)));
		return batch
			.expand((marked) -> (marked > 0) ? Mono.delay(pause).then(batch) : this.repository.endMarking(erasure)
				.flatMap((ended) -> ended ? Mono.empty() : Mono.delay(UNTIL_UNLOCKED).then(batch)));
	}

	private Mono<Void> run() {
		return this.repository.unfinished(AT_ONCE)
			.collectList()
			.doOnNext((erasures) -> this.unfinished
				.set((int) erasures.stream().map(Erasure::erasureId).distinct().count()))
			.flatMapIterable((erasures) -> erasures)
			.concatMapDelayError((erasure) -> this.job.isStopping() ? Mono.empty() : advance(erasure))
			.then(this.repository.forget())
			.then();
	}

	private Mono<Void> advance(Erasure erasure) {
		Flux<Integer> marked = (erasure.state() == ErasureState.MARKING)
				? mark(erasure, this.pace.pause(), this.clock.instant().plus(LONGEST_TURN)) : Flux.empty();
		return marked.then(Mono.defer(() -> whole(erasure)))
			// where a source is not out of reach yet, a fork may begin anywhere
			.filter((whole) -> whole.state() != ErasureState.MARKING)
			.flatMap((whole) -> this.repository.finish(erasure))
			.filter((finished) -> finished)
			.flatMap((finished) -> whole(erasure))
			.filter((whole) -> whole.state() == ErasureState.DONE)
			.doOnNext((whole) -> {
				this.done.increment();
				log.info("erasure {} is done", erasure.erasureId());
			})
			.then();
	}

	/** All buckets together. */
	private Mono<Erasure> whole(Erasure erasure) {
		return this.repository.find(erasure.tenant(), erasure.erasureId());
	}

	@Override
	protected void begin() {
		this.job.start();
	}

	@Override
	protected Mono<Void> end() {
		return this.job.stop();
	}

}
