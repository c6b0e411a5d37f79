package dev.agentsessions.tail.draft.hub;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

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

	@Test
	void aWriterWhoseDraftAnotherReplicaHasGoneOnWithSaysNoMore() {
		DraftWriter writer = begin();
		writer.say("not stored");
		DraftRow next = row(1, "there").next();
		Draft draft = this.drafts.found(next, this.drafts.moment());
		assertThat(draft).isSameAs(writer.draft());
		assertThat(draft.writer()).isNull();
		assertThat(draft.length()).isZero();
		assertThat(this.drafts.writers()).isEmpty();
	}

	/** The database has lost it, and its writer has not heard yet that it is there. */
	@Test
	void aWriterIsNotTakenOverByADraftThatItHasBegunAgain() {
		DraftWriter writer = begin();
		this.drafts.take(List.of(row(2, this.hub.replica())), this.drafts.moment());
		assertThat(writer.isPresent()).isTrue();
		this.drafts.take(List.of(row(3, "there")), this.drafts.moment());
		assertThat(writer.isPresent()).isFalse();
		assertThat(this.drafts.open("m").id()).isEqualTo(3);
	}

	/** The database has lost it, which its writer has not heard yet. */
	@Test
	void aWriterWhoseDraftAnotherHasBegunAnewSaysNoMore() {
		DraftWriter writer = begin();
		this.drafts.opened(row(2, this.hub.replica()));
		assertThat(writer.isPresent()).isFalse();
		assertThat(this.drafts.writers()).isEmpty();
	}

	private DraftWriter begin() {
		DraftRow row = row(1, this.hub.replica());
		return this.hub.begin(this.drafts, 7, this.drafts.opened(row), row, this.drafts.moment(), 1, () -> null);
	}

	private static DraftRow row(long id, String replica) {
		return DraftRow.begun(id, "m", replica, Instant.EPOCH, 7, 5);
	}

	private static void assertToldOfTheShutdown(DraftWriter writer) {
		StepVerifier.create(writer.stopped())
			.expectErrorSatisfies((error) -> assertThat(((ProblemException) error).problem().name()).isEqualTo("busy"))
			.verify(Duration.ofSeconds(5));
	}

}
