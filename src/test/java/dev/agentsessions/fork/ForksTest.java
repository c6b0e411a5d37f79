package dev.agentsessions.fork;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;

import dev.agentsessions.database.Buckets;
import dev.agentsessions.database.FailingDatabase;
import dev.agentsessions.database.PoolPlaces;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.view.View;
import dev.agentsessions.write.Commits;
import io.r2dbc.spi.R2dbcTimeoutException;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes of a fork when a piece of its log is not copied, or not yet.
 */
class ForksTest {

	private static final Buckets ONE_BUCKET = new Buckets(1);

	private static final SessionRow SOURCE = new SessionRow(1, "default", "source", Instant.EPOCH, Instant.EPOCH, null,
			SessionDetails.NONE, 1, 1000, 0, null, View.numbered(0), null);

	private static final Fork FORK = new Fork(SOURCE, 1000, new SessionKey("default", "fork"), SessionDetails.NONE);

	@Test
	void aPieceThatTakesTooLongIsTriedSmallerAndSmaller() {
		// 500 messages, 62, 7, 1
		assertThat(statements(new R2dbcTimeoutException("statement timeout", "57014"), "busy")).isEqualTo(4);
	}

	/** It would be there twice. */
	@Test
	void aPieceThatMayBeThereIsNotCopiedAgain() {
		assertThat(statements(new TimeoutException(), "outcome-unknown")).isOne();
	}

	@Test
	void aPieceThatIsRefusedForAnythingElseIsNotTriedAgain() {
		assertThat(statements(new R2dbcTimeoutException("lock timeout", "55P03"), "busy")).isOne();
	}

	/** Its row comes to be after the caller has gone away. */
	@Test
	void whatBeginsTooLateIsDiscarded() {
		AtomicReference<LongConsumer> begun = new AtomicReference<>();
		List<Long> discarded = new ArrayList<>();
		FailingDatabase database = new FailingDatabase(new TimeoutException());
		Forks forks = new Forks(null, new ForkRepository(database.client(), database.calls(), new Commits()) {

			@Override
			Mono<Long> begin(Fork fork, LongConsumer told) {
				begun.set(told);
				return Mono.never();
			}

			@Override
			Mono<Void> discard(long id) {
				return Mono.fromRunnable(() -> discarded.add(id));
			}

		}, new PoolPlaces(1, ONE_BUCKET));
		forks.make(FORK).subscribe().dispose();
		assertThat(discarded).isEmpty();
		begun.get().accept(7);
		assertThat(discarded).containsExactly(7L);
	}

	/** A new one is refused before anything is begun. */
	@Test
	void whereThereIsNoPlaceWhatHasBegunWaits() {
		PoolPlaces places = new PoolPlaces(1, ONE_BUCKET);
		Sinks.Empty<Void> search = Sinks.empty();
		places.begin("default", search.asMono()).subscribe();
		FailingDatabase database = new FailingDatabase(new TimeoutException());
		Forks forks = forks(database, places);
		StepVerifier.withVirtualTime(() -> forks.make(FORK))
			.thenAwait(Duration.ofSeconds(1))
			.verifyErrorSatisfies((error) -> assertProblem(error, "tenant-busy"));
		StepVerifier.create(forks.copy(FORK, 2)).then(() -> {
			assertThat(database.statements()).isZero();
			search.tryEmitEmpty();
		}).verifyErrorSatisfies((error) -> assertProblem(error, "outcome-unknown"));
		assertThat(database.statements()).isOne();
	}

	private static int statements(Exception error, String told) {
		FailingDatabase database = new FailingDatabase(error);
		StepVerifier.create(forks(database, new PoolPlaces(1, ONE_BUCKET)).copy(FORK, 2))
			.verifyErrorSatisfies((end) -> assertProblem(end, told));
		return database.statements();
	}

	private static Forks forks(FailingDatabase database, PoolPlaces places) {
		return new Forks(null, new ForkRepository(database.client(), database.calls(), new Commits()), places);
	}

	private static void assertProblem(Throwable error, String name) {
		assertThat(error).isInstanceOfSatisfying(ProblemException.class,
				(problem) -> assertThat(problem.problem().name()).isEqualTo(name));
	}

}
