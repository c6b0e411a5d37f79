package dev.agentsessions.database;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What differs between the two databases.
 */
class EngineTest {

	@Test
	void aStatementOfH2IsNotInterruptedWhenItIsGivenUp() throws InterruptedException {
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		Sinks.One<String> end = Sinks.one();
		Disposable statement = Mono.fromRunnable(() -> {
			begun.countDown();
			try {
				end.tryEmitValue(goOn.await(10, TimeUnit.SECONDS) ? "done" : "forgotten");
			}
			catch (InterruptedException ex) {
				end.tryEmitValue("interrupted");
			}
		}).subscribeOn(Engine.H2.scheduler()).subscribe();
		assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
		statement.dispose();
		goOn.countDown();
		assertThat(end.asMono().block(Duration.ofSeconds(10))).isEqualTo("done");
	}

}
