package dev.agentsessions.database.lane;

import java.time.Duration;
import java.util.List;

import dev.agentsessions.SilentLoggers;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * That lanes are looked at for as long as they have something to do, and not longer.
 */
class LaneTicksTest {

	/** The errors are made on purpose. */
	@RegisterExtension
	static final SilentLoggers silent = SilentLoggers.of("dev.agentsessions.database");

	private static final Duration LONG = Duration.ofMinutes(1);

	private final FakeConnections connections = new FakeConnections();

	private final FakeOperation operation = new FakeOperation();

	private final VirtualTimeScheduler time = VirtualTimeScheduler.create();

	private final List<Lane> lanes = List.of(lane(), lane());

	private final LaneTicks ticks = new LaneTicks(this.lanes, this.time);

	@AfterEach
	void stop() {
		this.time.dispose();
	}

	@Test
	void thereIsNoneBeforeThereIsSomethingToDo() {
		this.time.advanceTimeBy(LONG);
		assertThat(this.time.getScheduledTaskCount()).isZero();
	}

	@Test
	void theyGoOnUntilAllLanesAreIdleAndBeginAgain() {
		for (int i = 0; i < 2; i++) {
			offer(0);
			offer(1);
			this.operation.runs.get(2 * i).end().tryEmitEmpty();
			assertThat(ticksWithin(LaneTicks.TICK.multipliedBy(3))).isEqualTo(3);
			this.operation.last().end().tryEmitEmpty();
			assertThat(this.ticks.areIdle()).isTrue();
			assertThat(ticksWithin(LONG)).isZero();
		}
	}

	@Test
	void howeverMuchIsOfferedThereIsOneAtATime() {
		for (int i = 0; i < 100; i++) {
			offer(i % 2);
		}
		assertThat(ticksWithin(LaneTicks.TICK)).isEqualTo(1);
	}

	@Test
	void thereIsNoneAfterTheEnd() {
		offer(0);
		this.ticks.end();
		assertThat(ticksWithin(LONG)).isZero();
	}

	/** Each of them schedules the next one, but for the last. */
	private long ticksWithin(Duration duration) {
		long before = this.time.getScheduledTaskCount();
		this.time.advanceTimeBy(duration);
		return this.time.getScheduledTaskCount() - before;
	}

	private void offer(int lane) {
		Mono.<String>create((sink) -> this.lanes.get(lane)
			.offer(new PendingRequest<>(this.operation, "" + lane, null, "session", sink, Runnable::run,
					System.nanoTime(), LONG.toNanos())))
			.onErrorComplete()
			.subscribe();
		this.ticks.begin();
	}

	private Lane lane() {
		return new Lane(this.connections::lane, LONG, new LaneQueue(new LaneQueue.Capacity()), new LaneTurns(1),
				new LaneMetrics(new SimpleMeterRegistry(), "writer"));
	}

}
