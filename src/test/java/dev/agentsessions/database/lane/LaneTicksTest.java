package dev.agentsessions.database.lane;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import dev.agentsessions.SilentLoggers;
import dev.agentsessions.database.LaneSettings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.test.scheduler.VirtualTimeScheduler;

import org.springframework.util.unit.DataSize;

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
	void aTickThatCouldNotBeScheduledIsMadeUpForByTheNextCall() {
		RefusingScheduler refusing = new RefusingScheduler(this.time);
		LaneTicks refused = new LaneTicks(this.lanes, refusing);
		refused.begin();
		assertThat(this.time.getScheduledTaskCount()).isZero();
		refusing.refuses = false;
		refused.begin();
		assertThat(this.time.getScheduledTaskCount()).isEqualTo(1);
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
		LaneSettings settings = new LaneSettings(1, 1, 128, DataSize.ofMegabytes(1), 4096, DataSize.ofMegabytes(1),
				100);
		return new Lane(this.connections::lane, LONG, new LaneQueue(settings),
				new LaneMetrics(new SimpleMeterRegistry(), "writer"));
	}

	/** A scheduler without memory for a task, for a while. */
	private static final class RefusingScheduler implements Scheduler {

		private final Scheduler scheduler;

		private boolean refuses = true;

		RefusingScheduler(Scheduler scheduler) {
			this.scheduler = scheduler;
		}

		@Override
		public Disposable schedule(Runnable task) {
			return this.scheduler.schedule(task);
		}

		@Override
		public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
			if (this.refuses) {
				throw new RejectedExecutionException("refused by a test");
			}
			return this.scheduler.schedule(task, delay, unit);
		}

		@Override
		public Worker createWorker() {
			return this.scheduler.createWorker();
		}

	}

}
