package dev.agentsessions.database.lane;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the metrics of a lane say about what happened in it.
 */
class LaneMetricsTest {

	private static final Duration LONG = Duration.ofMinutes(1);

	private final MeterRegistry meters = new SimpleMeterRegistry();

	private final FakeConnections connections = new FakeConnections();

	private final FakeOperation operation = new FakeOperation();

	private final Lane lane = lane();

	@Test
	void theQueueIsWhatWaitsAndNotWhatRuns() {
		send("a", LONG);
		send("bc", LONG);
		send("def", LONG);
		assertThat(gauge("store.lanes.queue.requests")).isEqualTo(2);
		assertThat(gauge("store.lanes.queue.size")).isEqualTo(5);
		this.operation.last().succeed();
		assertThat(gauge("store.lanes.queue.requests")).isZero();
		assertThat(gauge("store.lanes.queue.size")).isZero();
	}

	@Test
	void eachBatchIsCountedOnceWithItsRequestsItsWaitAndItsRun() {
		send("a", LONG);
		send("b", LONG);
		send("c", LONG);
		this.operation.last().succeed();
		assertThat(this.meters.get("store.lanes.run").timer().count()).as("the second one runs").isEqualTo(1);
		this.operation.last().succeed();
		assertThat(this.meters.get("store.lanes.batch.requests").tag("kind", "writer").summary())
			.satisfies((batches) -> assertThat(batches.count()).isEqualTo(2))
			.satisfies((batches) -> assertThat(batches.totalAmount()).isEqualTo(3));
		assertThat(this.meters.get("store.lanes.wait").timer()).satisfies((waits) -> {
			assertThat(waits.count()).isEqualTo(2);
			assertThat(waits.totalTime(TimeUnit.NANOSECONDS)).isPositive();
		});
		assertThat(this.meters.get("store.lanes.run").timer().count()).isEqualTo(2);
	}

	@Test
	void whatFindsNoPlaceOrIsTooLateIsCountedAsRefused() {
		send("a", LONG);
		send("b", Duration.ZERO);
		send("c", LONG);
		send("d", LONG);
		send("e", LONG);
		send("f", LONG);
		assertThat(refused("late")).isEqualTo(1);
		assertThat(refused("full")).isEqualTo(1);
	}

	@Test
	void aLostConnectionIsCounted() {
		send("a", LONG);
		this.operation.last().fail(new R2dbcNonTransientResourceException("gone"));
		assertThat(this.meters.get("store.lanes.connections.lost").counter().count()).isEqualTo(1);
		assertThat(this.meters.get("store.lanes.run").timer().count()).isEqualTo(1);
	}

	private Lane lane() {
		LaneQueue queue = new LaneQueue(new LaneQueue.Capacity(128, 1000, 3, 1000, 100));
		LaneMetrics metrics = new LaneMetrics(this.meters, "writer");
		metrics.watch(List.of(queue));
		return new Lane(this.connections::lane, LONG, queue, new LaneTurns(1), metrics);
	}

	private void send(String request, Duration patience) {
		Mono.<String>create((caller) -> this.lane.offer(new PendingRequest<>(this.operation, request, null, null,
				caller, Runnable::run, System.nanoTime(), patience.toNanos())))
			.toFuture();
	}

	private double gauge(String name) {
		return this.meters.get(name).tag("kind", "writer").gauge().value();
	}

	private double refused(String reason) {
		return this.meters.get("store.lanes.refused").tag("reason", reason).counter().count();
	}

}
