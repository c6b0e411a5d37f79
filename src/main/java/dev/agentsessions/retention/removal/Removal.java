package dev.agentsessions.retention.removal;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

import dev.agentsessions.database.Buckets;
import dev.agentsessions.retention.RetentionJob;
import dev.agentsessions.retention.RetentionMetrics;
import dev.agentsessions.retention.RetentionPace;
import dev.agentsessions.retention.Tally;
import dev.agentsessions.schedule.Lifecycle;
import dev.agentsessions.schedule.PieceSize;
import dev.agentsessions.schedule.RecurringJob;
import dev.agentsessions.schedule.Steps;
import dev.agentsessions.schedule.Timing;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Service;

/**
 * Removes what was put out of reach, whoever did that and whatever became of him: small
 * sessions several at a time, large ones in pieces, with a pause after each statement.
 * There is nothing to remember, so a crash leaves nothing behind but work for the next
 * sweep.
 * <p>
 * It looks every few seconds, on every replica and also while the {@link RetentionJob} is
 * disabled: what a client has deleted for good must not stay.
 */
@Service
public class Removal extends Lifecycle {

	private static final Logger log = LoggerFactory.getLogger(Removal.class);

	/**
	 * After this time a sweep ends: only the next looks for what has come behind it, and
	 * for what was locked when it came past.
	 */
	private static final Duration LONGEST_SWEEP = Duration.ofMinutes(1);

	private final RemovalRepository repository;

	private final Buckets buckets;

	private final RetentionMetrics metrics;

	private final RetentionMetrics.Task meters;

	private final Duration pause;

	private final int mostRows;

	private final PieceSize size;

	private final Clock clock;

	private final RecurringJob job;

	Removal(RemovalRepository repository, Buckets buckets, RetentionPace pace, RetentionMetrics metrics, Clock clock) {
		super(Phase.CLEAN_UP);
		this.repository = repository;
		this.buckets = buckets;
		this.metrics = metrics;
		this.meters = metrics.task("sweep");
		this.pause = pace.pause();
		this.mostRows = pace.batchSize();
		this.size = new PieceSize(this.mostRows);
		this.clock = clock;
		this.job = runs(new RecurringJob("the removal of purged sessions", Timing.spread(pace.sweepInterval()),
				Mono.defer(this::run)));
	}

	private Mono<Tally> run() {
		long start = System.nanoTime();
		Mono<Tally> orphans = this.buckets.each(this.repository::purgeOrphans).then(Mono.empty());
		return Steps.all(List.of(orphans.flux(), sweep(this.job::isStopping).flux()))
			.single()
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

	/**
	 * Removes all there is but for what other replicas are at work on, or some of each
	 * bucket if that is much; answers how much that was. A bucket that fails is left
	 * alone. Errors: 503, with all done that could be.
	 * @param enough asked before each statement
	 */
	public Mono<Tally> sweep(BooleanSupplier enough) {
		return Mono.defer(() -> {
			Instant end = this.clock.instant().plus(LONGEST_SWEEP);
			Map<Integer, String> reached = new ConcurrentHashMap<>();
			Map<Integer, Throwable> failed = new ConcurrentHashMap<>();
			Mono<Tally> round = this.buckets.each((bucket) -> failed.containsKey(bucket) ? Flux.empty()
					: some(bucket, reached, enough).onErrorResume((error) -> {
						failed.put(bucket, error);
						return Flux.empty();
					}))
				.doOnNext(this.metrics::removed)
				.reduce(Tally.NONE, Tally::plus);
			return round
				.expand((done) -> (done.isNone() || enough.getAsBoolean() || this.clock.instant().isAfter(end))
						? Mono.empty() : round)
				.reduce(Tally.NONE, Tally::plus)
				.flatMap((done) -> failed.isEmpty() ? Mono.just(done) : Mono.error(failed.values().iterator().next()));
		});
	}

	private Flux<Tally> some(int bucket, Map<Integer, String> reached, BooleanSupplier enough) {
		return this.repository.find(bucket, reached.getOrDefault(bucket, ""), this.mostRows)
			.doOnNext((found) -> found.forEach((session) -> reached.put(bucket, session.name())))
			.flatMapMany(this::groups)
			.concatMap((group) -> enough.getAsBoolean() ? Mono.empty() : remove(group, enough), 0);
	}

	/**
	 * Together what can go in one statement, alone what can't: each as it is when its
	 * turn comes.
	 */
	private Flux<List<PurgedSession>> groups(List<PurgedSession> sessions) {
		return Flux.generate(() -> 0, (from, groups) -> {
			int to = from;
			long rows = 0;
			while (to < sessions.size() && (to == from || rows + sessions.get(to).rows() <= this.size.rows())) {
				rows += sessions.get(to).rows();
				to++;
			}
			if (to > from) {
				groups.next(sessions.subList(from, to));
			}
			else {
				groups.complete();
			}
			return to;
		});
	}

	private Flux<Tally> remove(List<PurgedSession> group, BooleanSupplier enough) {
		long first = group.get(0).id();
		if (group.get(0).rows() <= this.size.rows()) {
			return timed(this.repository.removeWhole(group.stream().map(PurgedSession::id).toList())).flux();
		}
		Flux<Piece> others = Flux.fromIterable(this.repository.partsBesideMessages())
			.concatMap((part) -> pieces(part, first, enough));
		return pieces(SessionPart.MESSAGES, first, enough).map((piece) -> new Tally(0, piece.rows()))
			.concatWith(others.then(timed(this.repository.removeEmptied(first))).map((rows) -> new Tally(rows, 0)));
	}

	private Flux<Piece> pieces(SessionPart part, long session, BooleanSupplier enough) {
		return piece(part, session, part.start())
			.expand((piece) -> enough.getAsBoolean() ? Mono.empty() : piece(part, session, piece.reach()));
	}

	private Mono<Piece> piece(SessionPart part, long session, Object from) {
		return Mono.defer(() -> this.repository.findPiece(part, session, from, this.size.rows()))
			.flatMap((reach) -> timed(this.repository.removePiece(part, session, from, reach))
				.map((rows) -> new Piece(rows, reach)))
			.filter((piece) -> piece.rows() > 0);
	}

	/** Notes how long the statement takes, and answers after a pause. */
	private <T> Mono<T> timed(Mono<T> statement) {
		return this.size.timed(statement).flatMap((done) -> Mono.delay(this.pause).thenReturn(done));
	}

	/**
	 * Some rows that were removed.
	 *
	 * @param reach the key of the last of them
	 */
	private record Piece(long rows, Object reach) {
	}

}
