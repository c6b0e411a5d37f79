package dev.agentsessions.retention;

import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

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

	private final RetentionRepository repository;

	private final RetentionSettings settings;

	Retention(RetentionRepository repository, RetentionSettings settings) {
		this.repository = repository;
		this.settings = settings;
	}

	/**
	 * Soft-deletes what has been idle for longer than this.
	 * @param tenant whose sessions, null for everybody's
	 * @param enough asked before each batch
	 */
	Flux<List<Departure>> cleanUp(@Nullable String tenant, Duration maxIdle, BooleanSupplier enough) {
		return batches(this.repository.deleteIdle(tenant, maxIdle), enough);
	}

	/**
	 * Puts out of reach, for good, what was soft-deleted longer ago; a sweep removes the
	 * rows.
	 * @param tenant whose sessions, null for everybody's
	 * @param enough asked before each batch
	 */
	Flux<List<Departure>> purge(@Nullable String tenant, Duration age, BooleanSupplier enough) {
		return batches(this.repository.purge(tenant, age), enough);
	}

	/** How many sessions a clean-up would take. */
	Mono<Long> countIdle(String tenant, Duration maxIdle) {
		return this.repository.countIdle(tenant, maxIdle).map(Tally::sessions);
	}

	/** What a purge would take. */
	Mono<Tally> countOld(String tenant, Duration age) {
		return this.repository.countOld(tenant, age);
	}

	private Flux<List<Departure>> batches(Mono<List<Departure>> batch, BooleanSupplier enough) {
		Mono<List<Departure>> next = Mono.defer(() -> enough.getAsBoolean() ? Mono.empty() : batch);
		return next.expand((last) -> (last.size() < this.settings.batchSize()) ? Mono.empty()
				: Mono.delay(this.settings.pause()).then(next));
	}

}
