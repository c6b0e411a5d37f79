package dev.agentsessions.write.idempotency;

import java.time.Duration;

import dev.agentsessions.database.DatabaseCalls;
import dev.agentsessions.schedule.Lifecycle;
import dev.agentsessions.schedule.RecurringJob;
import dev.agentsessions.schedule.Timing;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;

/**
 * Forgets idempotency keys that have been kept long enough, in bounded batches. Every
 * replica may do it at once: rows that another one has locked are passed over.
 */
@Component
class IdempotencyCleanup extends Lifecycle {

	private static final Logger log = LoggerFactory.getLogger(IdempotencyCleanup.class);

	/** Between two clean-ups of old keys. */
	private static final Duration INTERVAL = Duration.ofMinutes(10);

	/** The most keys that one statement of a clean-up removes. */
	private static final int BATCH_SIZE = 1000;

	/** Between two statements: it is what leaves room for the requests. */
	private static final Duration PAUSE = Duration.ofMillis(100);

	private final DatabaseClient client;

	private final DatabaseCalls database;

	private final IdempotencySettings settings;

	private final String delete;

	private final Counter removed;

	private final Counter failures;

	private final RecurringJob job;

	IdempotencyCleanup(DatabaseClient client, DatabaseCalls database, IdempotencySettings settings,
			MeterRegistry meters) {
		super(Phase.CLEAN_UP);
		this.removed = meters.counter("store.idempotency.removed");
		this.failures = meters.counter("store.idempotency.failures");
		this.client = client;
		this.database = database;
		this.settings = settings;
		this.delete = """
				delete from append_keys where (session_db_id, idempotency_key) in (
				    select session_db_id, idempotency_key from append_keys where created_at < %s
				    limit :batch for update skip locked)
				""".formatted(database.engine().secondsAgo(":seconds"));
		this.job = runs(new RecurringJob("the removal of old idempotency keys", Timing.spread(INTERVAL),
				Mono.defer(this::run)));
	}

	/**
	 * Removes all keys that are older than they are kept; answers how many these were.
	 * Errors: 503, with the batches before it done.
	 */
	Mono<Long> run() {
		return this.database.buckets()
			.each((bucket) -> removeBatch(bucket)
				.expand((removed) -> (removed < BATCH_SIZE) ? Mono.empty() : nextBatch(bucket)))
			.doOnNext(this.removed::increment)
			.reduce(0L, Long::sum)
			.doOnNext((removed) -> {
				if (removed > 0) {
					log.info("forgot {} idempotency keys", removed);
				}
			})
			.doOnError((error) -> this.failures.increment());
	}

	private Mono<Long> nextBatch(int bucket) {
		return Mono.delay(PAUSE).then(Mono.defer(() -> this.job.isStopping() ? Mono.empty() : removeBatch(bucket)));
	}

	private Mono<Long> removeBatch(int bucket) {
		return this.database.write(bucket,
				this.client.sql(this.delete)
					.bind("seconds", this.settings.keep().toSeconds())
					.bind("batch", BATCH_SIZE)
					.fetch()
					.rowsUpdated());
	}

}
