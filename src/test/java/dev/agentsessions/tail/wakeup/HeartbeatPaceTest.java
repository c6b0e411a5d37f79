package dev.agentsessions.tail.wakeup;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Heartbeats are left out only while nobody waits for what they would say.
 */
class HeartbeatPaceTest {

	private final HeartbeatPace pace = new HeartbeatPace();

	@Test
	void everyOtherOneIsLeftOutWhileNothingIsWritten() {
		for (int i = 0; i < 3; i++) {
			assertThat(this.pace.isDue()).isTrue();
			this.pace.answered(true, true);
			assertThat(this.pace.isDue()).isFalse();
		}
	}

	@Test
	void noneIsLeftOutWhileSomethingIsWritten() {
		this.pace.answered(true, false);
		assertThat(this.pace.isDue()).isTrue();
	}

	@Test
	void noneIsLeftOutBeforeTheDatabaseWasToldOfTheFirstTail() {
		this.pace.answered(false, true);
		assertThat(this.pace.isDue()).isTrue();
	}

	@Test
	void aNewConnectionAsksAtOnce() {
		this.pace.answered(true, true);
		this.pace.reset();
		assertThat(this.pace.isDue()).isTrue();
	}

	@Test
	void twoPeriodsAreShorterThanARoundOfTheReconciler() {
		for (int millis = 10; millis < 2000; millis++) {
			Duration reconciliation = Duration.ofMillis(millis);
			assertThat(HeartbeatPace.period(reconciliation).multipliedBy(2)).isPositive().isLessThan(reconciliation);
		}
	}

}
