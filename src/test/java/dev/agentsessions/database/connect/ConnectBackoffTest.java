package dev.agentsessions.database.connect;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import dev.agentsessions.database.SqlErrors;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How often a database that takes no connections is asked for one.
 */
class ConnectBackoffTest {

	private final AtomicLong time = new AtomicLong(Long.MAX_VALUE - 1000);

	private final AtomicInteger tries = new AtomicInteger();

	private final ConnectBackoff backoff = new ConnectBackoff(this.time::get);

	@Test
	void aDatabaseThatAnswersIsAskedByAllAtOnce() {
		Sinks.One<String> answer = Sinks.one();
		Mono<String> connection = this.backoff.guard(counted(answer.asMono()));
		connection.subscribe();
		connection.subscribe();
		assertThat(this.tries).hasValue(2);
	}

	@Test
	void afterARefusalNobodyAsksForAWhileAndThenOneAtATime() {
		refused();
		assertThat(this.tries).hasValue(1);
		refused();
		assertThat(this.tries).hasValue(1);
		pass(Duration.ofMillis(20));
		Sinks.One<String> answer = Sinks.one();
		Mono<String> connection = this.backoff.guard(counted(answer.asMono()));
		Disposable first = connection.subscribe();
		StepVerifier.create(connection).verifyErrorSatisfies((error) -> {
			assertThat(SqlErrors.isUnavailable(error)).isTrue();
			assertThat(error).hasMessageContaining("refused");
		});
		assertThat(this.tries).hasValue(2);
		assertThat(first.isDisposed()).isFalse();
		pass(Duration.ofMillis(20));
		connection.subscribe();
		assertThat(this.tries).hasValue(3);
		answer.tryEmitValue("open");
		StepVerifier.create(connection).expectNext("open").verifyComplete();
		StepVerifier.create(connection).expectNext("open").verifyComplete();
		assertThat(this.tries).hasValue(5);
	}

	@Test
	void whatIsWaitedForDoublesToAQuarterOfASecond() {
		for (int n = 0; n < 10; n++) {
			refused();
			pass(Duration.ofMillis(250));
		}
		assertThat(this.tries).hasValue(10);
		refused();
		pass(Duration.ofMillis(124));
		refused();
		assertThat(this.tries).hasValue(11);
		pass(Duration.ofMillis(126));
		refused();
		assertThat(this.tries).hasValue(12);
	}

	@Test
	void ofManyThatAreRefusedTogetherOneCounts() {
		Sinks.One<String> answer = Sinks.one();
		Mono<String> connection = this.backoff.guard(counted(answer.asMono()));
		for (int n = 0; n < 20; n++) {
			connection.onErrorComplete().subscribe();
		}
		answer.tryEmitError(new IOException("refused"));
		pass(Duration.ofMillis(20));
		refused();
		assertThat(this.tries).hasValue(21);
	}

	@Test
	void whoStopsWaitingLetsOthersTry() {
		refused();
		pass(Duration.ofMillis(20));
		this.backoff.guard(counted(Mono.never())).subscribe().dispose();
		pass(Duration.ofMillis(40));
		StepVerifier.create(this.backoff.guard(counted(Mono.just("open")))).expectNext("open").verifyComplete();
		assertThat(this.tries).hasValue(3);
	}

	private void refused() {
		StepVerifier.create(this.backoff.guard(counted(Mono.error(new IOException("refused"))))).verifyError();
	}

	private <T> Mono<T> counted(Mono<T> connection) {
		return Mono.defer(() -> {
			this.tries.incrementAndGet();
			return connection;
		});
	}

	private void pass(Duration duration) {
		this.time.addAndGet(duration.toNanos());
	}

}
