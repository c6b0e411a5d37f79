package dev.agentsessions.tail.draft;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.tail.draft.hub.DraftHub;
import dev.agentsessions.tail.draft.hub.TestDrafts;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What ends a request whose draft is a message already, and what does not end with its
 * caller.
 */
class DraftRequestTest {

	private final AtomicReference<@Nullable ProblemException> fault = new AtomicReference<>();

	private final DraftHub hub = TestDrafts.hub();

	private final DraftRequest request = new DraftRequest(new DraftTarget(new SessionKey("default", "a"), "m", 0, true),
			this.hub, this.fault::get);

	@Test
	void aCallerWhoIsNoLongerLetInIsStoppedThoughThereIsNothingToWriteTo() {
		this.request.open(Mono.empty());
		ProblemException notLetIn = Problems.busy("not let in");
		this.fault.set(notLetIn);
		StepVerifier.create(this.request.stopped())
			.expectErrorMatches((error) -> error == notLetIn)
			.verify(Duration.ofSeconds(5));
	}

	@Test
	void aShutdownStopsARequestThoughThereIsNothingToWriteTo() {
		this.request.open(Mono.empty());
		this.hub.leaveAll(null);
		StepVerifier.create(this.request.stopped()).expectError(ProblemException.class).verify(Duration.ofSeconds(5));
	}

	@Test
	void whatEndsTheDraftGoesOnWithoutItsCallerAndIsWaitedFor() {
		this.request.open(Mono.empty());
		Sinks.Empty<Void> committed = Sinks.empty();
		this.request.end(committed.asMono()).subscribe().dispose();
		assertThat(committed.currentSubscriberCount()).isOne();
		StepVerifier.create(this.request.close())
			.expectSubscription()
			.expectNoEvent(Duration.ofMillis(10))
			.then(committed::tryEmitEmpty)
			.verifyComplete();
	}

}
