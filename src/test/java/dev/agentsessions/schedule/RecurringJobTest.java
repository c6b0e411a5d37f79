package dev.agentsessions.schedule;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.DoubleSupplier;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.scheduler.VirtualTimeScheduler;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * When a job runs, by a clock that is moved by hand.
 */
class RecurringJobTest {

	private static final Duration HOUR = Duration.ofHours(1);

	private final VirtualTimeScheduler time = VirtualTimeScheduler.create();

	/** When each run began, in seconds. */
	private final List<Long> runs = new ArrayList<>();

	private double random = 0.5;

	@Test
	void runsAtIntervalsAfterAPartOfOne() {
		RecurringJob job = job(HOUR, Mono.empty());
		job.start();
		advance(4 * 3600);
		assertThat(this.runs).containsExactly(1800L, 5400L, 9000L, 12600L);
	}

	@Test
	void variesTheIntervalByATenth() {
		RecurringJob job = job(HOUR, Mono.empty());
		this.random = 0;
		job.start();
		advance(1);
		this.random = 0.999_999;
		advance(3240);
		assertThat(this.runs).containsExactly(0L, 3240L);
		advance(3960);
		assertThat(this.runs).hasSize(3).last().isEqualTo(7199L);
	}

	@Test
	void tellsWhenTheNextRunIsAndNothingDuringOne() {
		Sinks.One<Boolean> end = Sinks.one();
		RecurringJob job = job(HOUR, end.asMono());
		assertThat(job.next()).isNull();
		job.start();
		assertThat(job.next()).hasToString("1970-01-01T00:30:00Z");
		advance(1800);
		assertThat(job.next()).isNull();
		end.tryEmitValue(true);
		assertThat(job.next()).hasToString("1970-01-01T01:30:00Z");
	}

	@Test
	void tellsWhenTheNextRunIsAfterOneThatEndedAtOnce() {
		RecurringJob job = job(HOUR, Mono.empty());
		job.start();
		advance(1800);
		assertThat(job.next()).hasToString("1970-01-01T01:30:00Z");
		job.stop().subscribe();
		assertThat(job.next()).isNull();
	}

	@Test
	void aRunThatTakesLongerThanTheIntervalIsAlone() {
		Sinks.One<Boolean> end = Sinks.one();
		RecurringJob job = job(HOUR, end.asMono());
		job.start();
		advance(5 * 3600);
		assertThat(this.runs).containsExactly(1800L);
		end.tryEmitValue(true);
		advance(3600);
		assertThat(this.runs).containsExactly(1800L, 6 * 3600L);
	}

	@Test
	void waitsLongerAndLongerWhileItFailsAndNeverStops() {
		AtomicBoolean broken = new AtomicBoolean(true);
		RecurringJob job = job(HOUR,
				Mono.defer(() -> broken.get() ? Mono.error(new IllegalStateException("away")) : Mono.empty()));
		job.start();
		this.random = 1;
		advance(24 * 3600);
		List<Long> waits = waits();
		assertThat(waits.subList(0, 9)).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 64L, 128L, 256L);
		assertThat(waits.subList(9, waits.size())).hasSizeGreaterThan(250).containsOnly(300L);
		broken.set(false);
		this.random = 0.5;
		advance(2 * 3600);
		assertThat(waits()).last().isEqualTo(3600L);
		broken.set(true);
		this.random = 1;
		advance(4000);
		assertThat(waits()).as("begins with a short wait again").containsSubsequence(3600L, 1L, 2L, 4L);
	}

	@Test
	void whatIsDoneOftenBacksOffAsWell() {
		RecurringJob job = job(Duration.ofSeconds(5), Mono.error(new IllegalStateException("away")));
		this.random = 1;
		job.start();
		advance(3600);
		assertThat(waits()).hasSizeBetween(15, 25).last().isEqualTo(300L);
	}

	@Test
	void replicasThatFailTogetherDontComeBackTogether() {
		RecurringJob job = job(HOUR, Mono.error(new IllegalStateException("away")));
		this.random = 0;
		job.start();
		advance(3600);
		assertThat(waits()).as("half of the longest wait").last().isEqualTo(150L);
	}

	@Test
	void whatIsSteadyRunsAtOnceAndAfterEachInterval() {
		job(Timing.steady(Duration.ofSeconds(5)), Mono.empty()).start();
		advance(12);
		assertThat(this.runs).containsExactly(0L, 5L, 10L);
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void theLogIsNotFilledByFailures(CapturedOutput output) {
		job(Timing.steady(Duration.ofSeconds(1)), Mono.error(new IllegalStateException("with what is stored"))).start();
		advance(20);
		assertThat(this.runs).hasSizeGreaterThan(15);
		assertThat(output).contains("a test failed 1 times", "a test failed 2 times", "a test failed 4 times")
			.doesNotContain("a test failed 3 times", "with what is stored");
	}

	@Test
	void workCanEndWhenTheJobIsStopped() {
		AtomicBoolean stopped = new AtomicBoolean();
		AtomicReference<RecurringJob> job = new AtomicReference<>();
		job.set(job(HOUR, Mono.defer(() -> Mono.never().takeUntilOther(job.get().stopping()))));
		job.get().start();
		advance(1800);
		job.get().stop().subscribe(null, null, () -> stopped.set(true));
		assertThat(this.runs).hasSize(1);
		assertThat(stopped).isTrue();
	}

	@Test
	void stopsAtOnceWhileItWaits() {
		RecurringJob job = job(HOUR, Mono.empty());
		AtomicBoolean stopped = new AtomicBoolean();
		job.start();
		job.stop().subscribe(null, null, () -> stopped.set(true));
		assertThat(stopped).isTrue();
		advance(24 * 3600);
		assertThat(this.runs).isEmpty();
	}

	@Test
	void waitsForTheRunThatIsUnderWayWhenItIsStopped() {
		Sinks.One<Boolean> end = Sinks.one();
		RecurringJob job = job(HOUR, end.asMono());
		AtomicBoolean stopped = new AtomicBoolean();
		job.start();
		advance(1800);
		job.stop().subscribe(null, null, () -> stopped.set(true));
		assertThat(job.isStopping()).isTrue();
		advance(1);
		assertThat(stopped).isFalse();
		end.tryEmitValue(true);
		assertThat(stopped).isTrue();
		advance(24 * 3600);
		assertThat(this.runs).hasSize(1);
	}

	@Test
	void doesNotWaitForEverWhenItIsStopped() {
		RecurringJob job = job(HOUR, Mono.never());
		AtomicBoolean stopped = new AtomicBoolean();
		job.start();
		advance(1800);
		job.stop().subscribe(null, null, () -> stopped.set(true));
		advance(6);
		assertThat(stopped).isTrue();
	}

	@Test
	void canBeStoppedWithoutHavingBeenStarted() {
		AtomicBoolean stopped = new AtomicBoolean();
		job(HOUR, Mono.empty()).stop().subscribe(null, null, () -> stopped.set(true));
		assertThat(stopped).isTrue();
	}

	private RecurringJob job(Duration interval, Mono<?> work) {
		return job(Timing.spread(interval), work);
	}

	private RecurringJob job(Timing timing, Mono<?> work) {
		DoubleSupplier random = () -> this.random;
		return new RecurringJob("a test", timing, Mono.defer(() -> {
			this.runs.add(this.time.now(TimeUnit.SECONDS));
			return work;
		}), this.time, random);
	}

	/** Between one run and the next, in seconds. */
	private List<Long> waits() {
		List<Long> waits = new ArrayList<>();
		for (int i = 1; i < this.runs.size(); i++) {
			waits.add(this.runs.get(i) - this.runs.get(i - 1));
		}
		return waits;
	}

	private void advance(long seconds) {
		this.time.advanceTimeBy(Duration.ofSeconds(seconds));
	}

}
