package dev.agentsessions.retention;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;

import dev.agentsessions.database.Buckets;
import dev.agentsessions.schedule.PieceSize;
import dev.agentsessions.schedule.Steps;
import dev.agentsessions.web.json.Times;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Service;

/**
 * Takes away what is due, batch after batch with a pause in between, until a batch is not
 * full. Each batch is one statement: whoever cancels has the one under way finished and
 * no other begun. Errors of all: 503, with the batches before it done.
 */
@Service
class Retention {

	private static final Duration LOOK_AGAIN_AFTER = Duration.ofMillis(100);

	private static final int LOOKS = 10;

	private final RetentionRepository repository;

	private final Buckets buckets;

	private final Duration pause;

	private final PieceSize size;

	Retention(RetentionRepository repository, Buckets buckets, RetentionPace pace) {
		this.repository = repository;
		this.buckets = buckets;
		this.pause = pace.pause();
		this.size = new PieceSize(pace.batchSize());
	}

	/**
	 * Soft-deletes what has expired, and then what has been idle for longer than this:
	 * that may take all of the time, for it looks at everybody's.
	 * @param tenant whose sessions
	 * @param enough asked before each batch
	 */
	Flux<List<Departure>> softDelete(String tenant, Duration maxIdle, BooleanSupplier enough) {
		return Steps.all(List.of(expire(tenant, enough), cleanUp(tenant, maxIdle, enough)));
	}

	/**
	 * Soft-deletes what has been idle for longer than this.
	 * @param tenant whose sessions, null for everybody's
	 * @param enough asked before each batch
	 */
	Flux<List<Departure>> cleanUp(@Nullable String tenant, Duration maxIdle, BooleanSupplier enough) {
		return inEach((bucket) -> idle(bucket, tenant, maxIdle, enough).concatWith(batches(Times.MIN,
				(since, most) -> this.repository.deleteInactive(bucket, tenant, maxIdle, since, most), enough)));
	}

	/**
	 * Piece after piece of all that is idle: most of it may belong to others, or expire
	 * later. The last is the first that is not full, for some become idle all the time.
	 * Who asks for one tenant's waits for the answer, which looks in few for so long.
	 */
	private Flux<List<Departure>> idle(int bucket, @Nullable String tenant, Duration maxIdle, BooleanSupplier enough) {
		return Flux.defer(() -> {
			AtomicReference<@Nullable Instant> next = new AtomicReference<>(Times.MIN);
			return Mono.fromSupplier(() -> next.getAndSet(null))
				.filter((since) -> !enough.getAsBoolean())
				.flatMap((since) -> this.repository.idlePiece(bucket, maxIdle, since))
				.doOnNext((piece) -> next.set(piece.next()))
				.flatMapMany((piece) -> batches(piece.since(),
						(since, most) -> this.repository.deleteIdle(bucket, tenant, maxIdle, since, piece.through(),
								most),
						enough))
				.repeatWhen((ends) -> ends.takeWhile((end) -> next.get() != null)
					.delayElements((tenant == null) ? this.pause : Duration.ZERO));
		});
	}

	/**
	 * Soft-deletes what has expired.
	 * @param tenant whose sessions, null for everybody's
	 * @param enough asked before each batch
	 */
	Flux<List<Departure>> expire(@Nullable String tenant, BooleanSupplier enough) {
		return inEach((bucket) -> batches(Times.MIN,
				(since, most) -> this.repository.deleteExpired(bucket, tenant, since, most), enough));
	}

	/**
	 * Puts out of reach, for good, what was soft-deleted longer ago; a sweep removes the
	 * rows. A session that is only being indexed is locked for a moment: those that were
	 * passed over are looked for again, for a second at most.
	 * @param tenant whose sessions, null for everybody's
	 * @param enough asked before each batch
	 */
	Flux<List<Departure>> purge(@Nullable String tenant, Duration age, BooleanSupplier enough) {
		return inEach((bucket) -> purge(bucket, tenant, age, enough, LOOKS));
	}

	private Flux<List<Departure>> purge(int bucket, @Nullable String tenant, Duration age, BooleanSupplier enough,
			int looks) {
		Flux<List<Departure>> again = Mono.defer(() -> this.repository.isOldLeft(bucket, tenant, age))
			.filter((left) -> left && looks > 1)
			.delayElement(LOOK_AGAIN_AFTER)
			.flatMapMany((left) -> purge(bucket, tenant, age, enough, looks - 1));
		return batches(Times.MIN, (since, most) -> this.repository.purge(bucket, tenant, age, since, most), enough)
			.concatWith(Flux.defer(() -> enough.getAsBoolean() ? Flux.empty() : again));
	}

	/** How many sessions a clean-up would take, with those that have expired. */
	Mono<Long> countIdle(String tenant, Duration maxIdle) {
		return this.repository.countIdle(tenant, maxIdle).map(Tally::sessions);
	}

	/** What a purge would take. */
	Mono<Tally> countOld(String tenant, Duration age) {
		return this.repository.countOld(tenant, age);
	}

	/**
	 * Begins with any bucket: whoever has not enough time for all of them gets to others
	 * when it asks again.
	 */
	private Flux<List<Departure>> inEach(IntFunction<Flux<List<Departure>>> work) {
		return Flux.defer(() -> {
			int count = this.buckets.count();
			int first = ThreadLocalRandom.current().nextInt(count);
			return this.buckets.each((n) -> work.apply((first + n) % count));
		});
	}

	/** Each batch goes on where the one before has ended, past those that stay. */
	private Flux<List<Departure>> batches(Instant from, BatchStatement statement, BooleanSupplier enough) {
		return batch(from, statement, enough).expand((batch) -> batch.isFull()
				? Mono.delay(this.pause).then(batch(batch.since(from), statement, enough)) : Mono.empty())
			.map(DepartedBatch::sessions);
	}

	private Mono<DepartedBatch> batch(Instant since, BatchStatement statement, BooleanSupplier enough) {
		return Mono.defer(() -> {
			int most = this.size.rows();
			return enough.getAsBoolean() ? Mono.empty()
					: this.size.timed(statement.take(since, most)).map((sessions) -> new DepartedBatch(sessions, most));
		});
	}

	/** Takes so many sessions at most, and none that was due before a time. */
	private interface BatchStatement {

		Mono<List<Departure>> take(Instant since, int most);

	}

	/**
	 * What one statement has taken.
	 *
	 * @param most how many it might have taken
	 */
	private record DepartedBatch(List<Departure> sessions, int most) {

		boolean isFull() {
			return this.sessions.size() == this.most;
		}

		/** Where the next one goes on. */
		Instant since(Instant from) {
			return this.sessions.stream().map(Departure::since).max(Comparator.naturalOrder()).orElse(from);
		}

	}

}
