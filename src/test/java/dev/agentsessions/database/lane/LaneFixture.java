package dev.agentsessions.database.lane;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

import dev.agentsessions.SilentLoggers;
import dev.agentsessions.database.lane.operation.LaneOperation;
import dev.agentsessions.problem.ProblemException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.r2dbc.spi.R2dbcDataIntegrityViolationException;
import io.r2dbc.spi.R2dbcException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A lane without a database, whose statements end when the test says so.
 */
abstract class LaneFixture {

	/** The errors are made on purpose. */
	@RegisterExtension
	static final SilentLoggers silent = SilentLoggers.of("dev.agentsessions", "reactor.core");

	static final Duration LONG = Duration.ofMinutes(1);

	static final Duration SOON = Duration.ofSeconds(10);

	MeterRegistry meters = new SimpleMeterRegistry();

	final FakeConnections connections = new FakeConnections();

	final FakeOperation operation = new FakeOperation();

	final Disposable.Swap ticks = Disposables.swap();

	LaneTurns turns = new LaneTurns(2);

	Lane lane = lane(LONG, 128, 1000, 4096, 100_000);

	@AfterEach
	void stopTicks() {
		this.ticks.dispose();
	}

	Lane lane(Duration timeout, int batchRequests, long batchBytes, int queueRequests, long queueBytes) {
		LaneQueue queue = new LaneQueue(
				new LaneQueue.Capacity(batchRequests, batchBytes, queueRequests, queueBytes, 100));
		LaneMetrics metrics = new LaneMetrics(this.meters, "writer");
		metrics.watch(List.of(queue));
		return new Lane(this.connections::lane, timeout, queue, this.turns, metrics);
	}

	/** A lane without patience, after all that takes long the first time. */
	void haste() {
		send("x");
		this.operation.last().succeed();
		this.lane = lane(Duration.ofMillis(200), 128, 1000, 4096, 100_000);
		this.ticks.update(Flux.interval(Duration.ofMillis(20)).subscribe((tick) -> this.lane.wake()));
	}

	CompletableFuture<String> send(String request) {
		return send(this.operation, request, LONG);
	}

	List<CompletableFuture<String>> send(String... requests) {
		return List.of(requests).stream().map(this::send).toList();
	}

	/** Requests that run as one batch, after one that ran before. */
	List<CompletableFuture<String>> batch(String... requests) {
		send("x");
		List<CompletableFuture<String>> batch = send(requests);
		this.operation.last().succeed();
		return batch;
	}

	/** What is before the colon, if there is one. */
	static @Nullable String session(String request) {
		return request.contains(":") ? request.split(":")[0] : null;
	}

	CompletableFuture<String> send(LaneOperation<String, String> operation, String request, Duration patience) {
		return caller(operation, request, patience).toFuture();
	}

	Mono<String> caller(LaneOperation<String, String> operation, String request, Duration patience) {
		return Mono.create((caller) -> this.lane.offer(new PendingRequest<>(operation, request, null, session(request),
				caller, Runnable::run, System.nanoTime(), patience.toNanos())));
	}

	void succeedUntilIdle() {
		// some are run again a moment later
		await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> {
			this.operation.last().trySucceed();
			return this.lane.isIdle();
		});
	}

	static R2dbcException refusal(String state) {
		return new R2dbcDataIntegrityViolationException("refused", state);
	}

	static void assertUnavailable(CompletableFuture<String> call, String name, String detail) {
		assertThat(call).failsWithin(SOON)
			.withThrowableOfType(ExecutionException.class)
			.havingCause()
			.isInstanceOfSatisfying(ProblemException.class, (error) -> {
				assertThat(error.problem().status()).isEqualTo(503);
				assertThat(error.problem().name()).isEqualTo(name);
				assertThat(error.problem().detail()).contains(detail);
				assertThat(error.problem().headers()).containsKey("Retry-After");
			});
	}

}
