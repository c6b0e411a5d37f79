package dev.agentsessions.erasure;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import dev.agentsessions.problem.Problem;
import dev.agentsessions.retention.RetentionPace;
import dev.agentsessions.schedule.Lifecycle;
import dev.agentsessions.schedule.RecurringJob;
import dev.agentsessions.schedule.Timing;
import dev.agentsessions.session.SessionIds;
import dev.agentsessions.web.json.Times;
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

	/** How long others wait while one is at work. */
	private static final Duration LONGEST_TURN = Duration.ofSeconds(10);

	/**
	 * Who is writing to a session is done with it after some milliseconds. Each further
	 * pause is twice as long.
	 */
	private static final Duration UNTIL_UNLOCKED = Duration.ofMillis(20);

	/**
	 * Pauses in a row, 1.3 s in all: what is locked for longer is left to a later look.
	 */
	private static final int MOST_PAUSES = 6;

	private static final int AT_ONCE = 100;

	/**
	 * What lacks a note in some bucket after this time is withdrawn: who noted it is
	 * gone, and later erasures of the tenant wait for it.
	 */
	private static final Duration UNTIL_NOTED = Duration.ofSeconds(10);

	/** For receipts to forget all are looked through, and they are kept for 90 days. */
	private static final Duration BETWEEN_FORGETTING = Duration.ofHours(1);

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
		this.job = runs(new RecurringJob("the erasure of sessions", Timing.spread(pace.sweepInterval()),
				Mono.defer(this::run)));
		runs(new RecurringJob("the forgetting of receipts", Timing.spread(BETWEEN_FORGETTING), repository.forget()));
	}

	/**
	 * Erases what is named. When this answers, it will be done, and at least some is out
	 * of reach; who hangs up changes nothing about that. Errors: 503.
	 */
	Mono<Erasure> request(String tenant, ErasureTarget target) {
		return this.repository.begin(tenant, SessionIds.next(this.clock), target).flatMap((rows) -> {
			Erasure erasure = Erasure.whole(rows);
			return mark(rows, Duration.ZERO, LONGEST_ANSWER).scan(0, Integer::sum)
				.takeUntil((marked) -> marked > BEFORE_ANSWER)
				// it is written down: others go on with it
				.onErrorComplete()
				.then(Mono.defer(() -> whole(erasure)))
				.onErrorReturn(erasure);
		});
	}

	/** One erasure. Errors: 404, 503. */
	Mono<Erasure> find(String tenant, String erasureId) {
		Mono<List<Erasure>> found = UUID.matcher(erasureId).matches() ? this.repository.find(tenant, erasureId)
				: Mono.just(List.of());
		return found.map((rows) -> {
			if (rows.isEmpty()) {
				throw Problem
					.of(404, "erasure-not-found", "The erasure does not exist",
							"There is no erasure with this id, or it was done more than 90 days ago.")
					.exception();
			}
			return Erasure.whole(rows);
		});
	}

	/**
	 * Puts its sessions out of reach, in all buckets; how many in each round, until none
	 * is left, or those that are left stay locked, or no longer than this. A replica may
	 * have gone while it ended that in bucket after bucket: those that are through have
	 * forgotten whom it is about. A bucket that fails is left alone. Errors: 503, with
	 * all done that could be.
	 */
	private Flux<Integer> mark(List<Erasure> all, Duration pause, Duration longest) {
		List<Erasure> rows = all.stream().filter((row) -> row.state() == ErasureState.MARKING).toList();
		Instant end = this.clock.instant().plus(longest);
		int most = Math.min(this.pace.batchSize(), BEFORE_ANSWER);
		Map<Erasure, Instant> reached = new ConcurrentHashMap<>();
		Map<Erasure, Throwable> failed = new ConcurrentHashMap<>();
		// each failure may have taken long
		Function<Erasure, Mono<Integer>> some = (
				row) -> failed.containsKey(row) || (!failed.isEmpty() && this.clock.instant().isAfter(end))
						? Mono.empty()
						: this.repository.mark(row, reached.getOrDefault(row, Times.MIN), most)
							.doOnNext((marked) -> marked
								.forEach((session) -> reached.merge(row, session.lastActivity(), Erasures::later)))
							.map(List::size)
							.onErrorResume((error) -> {
								failed.put(row, error);
								return Mono.empty();
							});
		Mono<Integer> round = Mono.defer(() -> (this.job.isStopping() || this.clock.instant().isAfter(end))
				? Mono.empty() : each(rows, some).reduce(0, Integer::sum));
		AtomicInteger pauses = new AtomicInteger();
		return round.expand((marked) -> {
			if (marked > 0) {
				pauses.set(0);
				return Mono.delay(pause).then(round);
			}
			if (!failed.isEmpty()) {
				return Mono.empty();
			}
			reached.clear();
			return endMarking(rows).filter((ended) -> !ended && pauses.get() < MOST_PAUSES)
				.flatMap((left) -> Mono.delay(UNTIL_UNLOCKED.multipliedBy(1L << pauses.getAndIncrement())).then(round));
		}).concatWith(Flux.fromIterable(failed.values()).take(1).flatMap(Mono::error));
	}

	private static Instant later(Instant one, Instant other) {
		return one.isAfter(other) ? one : other;
	}

	/**
	 * No bucket may end before all are through: until then a fork of a session in one of
	 * them can come to light in another.
	 */
	private Mono<Boolean> endMarking(List<Erasure> rows) {
		return each(rows, this.repository::isDue).any((due) -> due)
			.flatMap((due) -> due ? Mono.just(false) : each(rows, this.repository::endMarking).all((ended) -> ended));
	}

	private static <T> Flux<T> each(List<Erasure> rows, Function<Erasure, Mono<T>> work) {
		return Flux.fromIterable(rows).concatMap(work, 0);
	}

	private Mono<Void> run() {
		return this.repository.unfinished(AT_ONCE)
			.map((rows) -> rows.stream()
				.collect(Collectors.toMap(Erasure::erasureId, (row) -> row, (row, same) -> row, LinkedHashMap::new)))
			.doOnNext((erasures) -> this.unfinished.set(erasures.size()))
			.flatMapIterable(Map::values)
			.concatMapDelayError((erasure) -> this.job.isStopping() ? Mono.empty() : advance(erasure))
			.then();
	}

	private Mono<Void> advance(Erasure erasure) {
		return this.repository.find(erasure.tenant(), erasure.erasureId())
			.flatMap((rows) -> rows.isEmpty() ? withdrawIfOld(erasure).then(Mono.empty()) : Mono.just(rows))
			.flatMap((rows) -> {
				boolean marks = Erasure.whole(rows).state() == ErasureState.MARKING;
				return (marks ? mark(rows, this.pace.pause(), LONGEST_TURN) : Flux.empty()).then(whole(erasure))
					.filter((whole) -> whole.state() == ErasureState.REMOVING)
					.flatMap((whole) -> finish(rows));
			})
			.filter((finished) -> finished)
			.doOnNext((finished) -> {
				this.done.increment();
				log.info("erasure {} is done", erasure.erasureId());
			})
			.then();
	}

	/** Who asked for it was told that it failed. */
	private Mono<Void> withdrawIfOld(Erasure erasure) {
		return this.repository.isOlder(erasure, UNTIL_NOTED)
			.filter((older) -> older)
			.flatMap((old) -> this.repository.withdraw(erasure));
	}

	/**
	 * Whether nothing is left in any bucket; while a source has rows in one, a fork may
	 * begin to copy them into another.
	 */
	private Mono<Boolean> finish(List<Erasure> rows) {
		return each(rows, this.repository::hasRows).any((left) -> left)
			.flatMap((left) -> left ? Mono.just(false)
					: each(rows, this.repository::finish).collectList().map((finished) -> finished.contains(true)))
			.filter((finished) -> finished)
			.flatMap((finished) -> whole(rows.get(0)))
			.map((whole) -> whole.state() == ErasureState.DONE)
			.defaultIfEmpty(false);
	}

	private Mono<Erasure> whole(Erasure erasure) {
		return find(erasure.tenant(), erasure.erasureId());
	}

}
