package dev.agentsessions.fork;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;

import dev.agentsessions.database.FailingDatabase;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.view.View;
import dev.agentsessions.write.Commits;
import io.r2dbc.spi.R2dbcTimeoutException;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes of a fork when a piece of its log is not copied.
 */
class ForksTest {

	private static final SessionRow SOURCE = new SessionRow(1, "default", "source", Instant.EPOCH, Instant.EPOCH, null,
			SessionDetails.NONE, 1, 1000, 0, null, View.numbered(0), null);

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

		});
		forks.make(new Fork(SOURCE, 1000, new SessionKey("default", "fork"), SessionDetails.NONE))
			.subscribe()
			.dispose();
		assertThat(discarded).isEmpty();
		begun.get().accept(7);
		assertThat(discarded).containsExactly(7L);
	}

	private static int statements(Exception error, String told) {
		FailingDatabase database = new FailingDatabase(error);
		ForkRepository repository = new ForkRepository(database.client(), database.calls(), new Commits());
		Fork fork = new Fork(SOURCE, 1000, new SessionKey("default", "fork"), SessionDetails.NONE);
		StepVerifier.create(new Forks(null, repository).copy(fork, 2))
			.verifyErrorSatisfies((end) -> assertThat(end).isInstanceOfSatisfying(ProblemException.class,
					(problem) -> assertThat(problem.problem().name()).isEqualTo(told)));
		return database.statements();
	}

}
