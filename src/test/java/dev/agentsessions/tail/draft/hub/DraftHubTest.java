package dev.agentsessions.tail.draft.hub;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

/**
 * What becomes of looks when it can't be found out where others are due.
 */
class DraftHubTest {

	@Test
	void aLookThatHasBegunEndsBeforeAnErrorInFindingOthersIsTold() {
		Sinks.Empty<Void> look = Sinks.empty();
		StepVerifier.create(DraftHub.all(Flux.just(look.asMono()).concatWith(Flux.error(new IllegalStateException()))))
			.expectSubscription()
			.expectNoEvent(Duration.ofMillis(1))
			.then(look::tryEmitEmpty)
			.verifyError(IllegalStateException.class);
	}

}
