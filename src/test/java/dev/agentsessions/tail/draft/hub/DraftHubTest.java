package dev.agentsessions.tail.draft.hub;

import java.time.Duration;
import java.time.Instant;

import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.tail.draft.store.DraftRow;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes of looks when it can't be found out where others are due, and which
 * writers are watched.
 */
class DraftHubTest {

	private final DraftHub hub = new DraftHub(null, new DraftMemory(1000), new DraftTimes(),
			new DraftMetrics(new SimpleMeterRegistry()));

	private final SessionDrafts drafts = this.hub.writerComes(new SessionKey("default", "a"));

	@Test
	void aLookThatHasBegunEndsBeforeAnErrorInFindingOthersIsTold() {
		Sinks.Empty<Void> look = Sinks.empty();
		StepVerifier.create(DraftHub.all(Flux.just(look.asMono()).concatWith(Flux.error(new IllegalStateException()))))
			.expectSubscription()
			.expectNoEvent(Duration.ofMillis(1))
			.then(look::tryEmitEmpty)
			.verifyError(IllegalStateException.class);
	}

	@Test
	void aWriterWhoseDraftSomebodyElseHasAppendedIsStillToldOfTheShutdown() {
		DraftWriter writer = begin();
		this.drafts.end(writer.draft(), new DraftEnd(8L));
		this.hub.leaveAll(null);
		assertToldOfTheShutdown(writer);
	}

	@Test
	void aWriterThatHasEndedIsNotWatched() {
		DraftWriter writer = begin();
		assertThat(this.drafts.writers()).containsExactly(writer);
		writer.taken();
		assertThat(this.drafts.writers()).isEmpty();
	}

	/** It was being opened when the others were told. */
	@Test
	void aWriterThatBeginsDuringTheShutdownIsToldOfIt() {
		this.hub.leaveAll(null);
		assertToldOfTheShutdown(begin());
	}

	private DraftWriter begin() {
		DraftRow row = DraftRow.begun(1, "m", this.hub.replica(), Instant.EPOCH, 7, 5);
		return this.hub.begin(this.drafts, 7, this.drafts.opened(row), row, this.drafts.moment(), () -> null);
	}

	private static void assertToldOfTheShutdown(DraftWriter writer) {
		StepVerifier.create(writer.stopped())
			.expectErrorSatisfies((error) -> assertThat(((ProblemException) error).problem().name()).isEqualTo("busy"))
			.verify(Duration.ofSeconds(5));
	}

}
