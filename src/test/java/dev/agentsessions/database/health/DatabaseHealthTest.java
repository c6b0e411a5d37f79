package dev.agentsessions.database.health;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

import org.springframework.boot.health.contributor.Health;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * When the database counts as away, and when as back; time is virtual.
 */
class DatabaseHealthTest {

	private static final ReadinessTimes TIMES = new ReadinessTimes();

	private final VirtualTimeScheduler time = VirtualTimeScheduler.create();

	private final AtomicInteger asked = new AtomicInteger();

	private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

	private Supplier<Mono<?>> database = () -> Mono.just(1);

	private @Nullable DatabaseHealth health;

	@AfterEach
	void stop() {
		health().stop();
	}

	@Test
	void theFirstAnswerIsBelievedAtOnce() {
		health();
		assertThat(status()).isEqualTo("UP");
	}

	@Test
	void whoAsksBeforeTheFirstAnswerWaitsForIt() {
		this.database = Mono::never;
		Mono<Health> waiting = health().health().cache();
		waiting.subscribe();
		this.time.advanceTimeBy(Duration.ofMillis(1900));
		assertThat(waiting.toFuture()).isNotDone();
		this.time.advanceTimeBy(Duration.ofMillis(200));
		assertThat(waiting.block(Duration.ZERO)).isEqualTo(Health.down().build());
	}

	@Test
	void theLatestAnswerCounts() {
		this.database = () -> Mono.error(new IllegalStateException());
		health();
		assertThat(status()).isEqualTo("DOWN");
		this.database = () -> Mono.just(1);
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		assertThat(status()).isEqualTo("UP");
		this.database = () -> Mono.error(new IllegalStateException());
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		assertThat(status()).isEqualTo("DOWN");
	}

	@Test
	void aDatabaseThatIsFrozenIsAwayWithinThreeSecondsAndBackWithinThree() {
		health();
		this.database = Mono::never;
		this.time.advanceTimeBy(Duration.ofSeconds(3));
		assertThat(status()).isEqualTo("DOWN");
		this.database = () -> Mono.just(1);
		this.time.advanceTimeBy(Duration.ofSeconds(3));
		assertThat(status()).isEqualTo("UP");
	}

	@Test
	void theLatestAnswerIsMeasured() {
		this.database = () -> Mono.error(new IllegalStateException());
		health();
		assertThat(this.meters.get("store.database.answers").gauge().value()).isZero();
		this.database = () -> Mono.just(1);
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		assertThat(this.meters.get("store.database.answers").gauge().value()).isEqualTo(1);
	}

	@Test
	void whoAsksForHealthDoesNotAskTheDatabase() {
		health();
		for (int i = 0; i < 100; i++) {
			status();
		}
		assertThat(this.asked).hasValue(1);
	}

	@Test
	void thereIsOneQuestionAtATime() {
		this.database = Mono::never;
		health();
		this.time.advanceTimeBy(Duration.ofSeconds(20));
		assertThat(this.asked.get()).isBetween(6, 11);
	}

	/** Begins to ask when it is called for the first time. */
	private DatabaseHealth health() {
		DatabaseHealth begun = this.health;
		if (begun == null) {
			begun = new DatabaseHealth(Mono.defer(() -> {
				this.asked.incrementAndGet();
				return this.database.get();
			}), TIMES, this.time, this.meters);
			begun.start();
			this.health = begun;
		}
		return begun;
	}

	private String status() {
		Health now = health().health().block(Duration.ZERO);
		return (now != null) ? now.getStatus().getCode() : "none";
	}

}
