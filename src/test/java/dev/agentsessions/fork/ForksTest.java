package dev.agentsessions.fork;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
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
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes of a fork when a piece of its log is not copied, or not yet.
 */
class ForksTest {

	private static final SessionRow SOURCE = new SessionRow(1, "default", "source", Instant.EPOCH, Instant.EPOCH, null,
			SessionDetails.NONE, 1, 1000, 0, null, View.numbered(0), null);

	private static final Fork FORK = new Fork(SOURCE, 1000, new SessionKey("default", "fork"), SessionDetails.NONE);

	private final FailingDatabase database = new FailingDatabase(new TimeoutException());

	private final PoolPlaces places = new PoolPlaces(1, new Buckets(1));

	private final Sinks.One<Long> row = Sinks.one();

	private final List<Long> discarded = new ArrayList<>();

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
		lateForks().make(FORK).subscribe().dispose();
		assertThat(this.discarded).isEmpty();
		this.row.tryEmitValue(7L);
		assertThat(this.discarded).containsExactly(7L);
	}

	@Test
	void aPieceThatWaitsIsNotCopiedOnceTheCallerHasGoneAway() {
		Disposable fork = lateForks().make(FORK).subscribe();
		Sinks.Empty<Void> search = Sinks.empty();
		this.places.begin("another", search.asMono()).subscribe();
		this.row.tryEmitValue(7L);
		fork.dispose();
		assertThat(this.discarded).containsExactly(7L);
		search.tryEmitEmpty();
		StepVerifier.create(this.places.begin("default", Mono.just("found"))).expectNext("found").verifyComplete();
		assertThat(this.database.statements()).isZero();
	}

	/** A new one is refused before anything is begun. */
	@Test
	void whereThereIsNoPlaceWhatHasBegunWaits() {
		Sinks.Empty<Void> search = Sinks.empty();
		this.places.begin("default", search.asMono()).subscribe();
		Forks forks = forks(this.database, this.places);
		StepVerifier.withVirtualTime(() -> forks.make(FORK))
			.thenAwait(Duration.ofSeconds(1))
			.verifyErrorSatisfies((error) -> assertProblem(error, "tenant-busy"));
		StepVerifier.create(forks.copy(FORK, new AtomicLong(2))).then(() -> {
			assertThat(this.database.statements()).isZero();
			search.tryEmitEmpty();
		}).verifyErrorSatisfies((error) -> assertProblem(error, "outcome-unknown"));
		assertThat(this.database.statements()).isOne();
	}

	private static int statements(Exception error, String told) {
		FailingDatabase database = new FailingDatabase(error);
		StepVerifier.create(forks(database, new PoolPlaces(1, new Buckets(1))).copy(FORK, new AtomicLong(2)))
			.verifyErrorSatisfies((end) -> assertProblem(end, told));
		return database.statements();
	}

	/** Their rows are there when a test says so. */
	private Forks lateForks() {
		return new Forks(null, new ForkRepository(this.database.client(), this.database.calls(), new Commits()) {

			@Override
			Mono<Long> begin(Fork fork, LongConsumer told) {
				return ForksTest.this.row.asMono().doOnNext(told::accept);
			}

			@Override
			Mono<Void> discard(long id) {
				return Mono.fromRunnable(() -> ForksTest.this.discarded.add(id));
			}

		}, this.places);
	}

	private static Forks forks(FailingDatabase database, PoolPlaces places) {
		return new Forks(null, new ForkRepository(database.client(), database.calls(), new Commits()), places);
	}

	private static void assertProblem(Throwable error, String name) {
		assertThat(error).isInstanceOfSatisfying(ProblemException.class,
				(problem) -> assertThat(problem.problem().name()).isEqualTo(name));
	}

}
