package dev.agentsessions.database.lane;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

import dev.agentsessions.database.lane.operation.Answer;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who is answered when, and what callers do to one another: nothing.
 */
class LaneAnswersTest extends LaneFixture {

	@Test
	void nobodyIsAnsweredBeforeTheWholeRunHasEnded() {
		send("a");
		List<CompletableFuture<String>> batch = send("b", "c");
		this.operation.last().succeed();
		assertThat(this.operation.last().requests()).containsExactly("b", "c");
		assertThat(batch).noneMatch(CompletableFuture::isDone);
		this.operation.last().succeed();
		assertThat(batch).allMatch(CompletableFuture::isDone);
	}

	@Test
	void aRunMayRefuseSomeOfItsRequests() {
		send("a");
		List<CompletableFuture<String>> batch = send("b", "c", "d");
		this.operation.last().succeed();
		ProblemException problem = Problems.notFound();
		this.operation.last().end(List.of(Answer.of("1"), Answer.failed(problem), Answer.of("3")));
		assertThat(batch.get(0)).isCompletedWithValue("1");
		assertThat(batch.get(1)).failsWithin(SOON).withThrowableOfType(ExecutionException.class).withCause(problem);
		assertThat(batch.get(2)).isCompletedWithValue("3");
		assertThat(this.connections.made).hasSize(1).noneMatch((fake) -> fake.closed);
	}

	@Test
	void aCallerWhoGoesAwayChangesNothing() {
		CompletableFuture<String> running = send("a");
		List<CompletableFuture<String>> waiting = send("b", "c", "d");
		running.cancel(true);
		waiting.get(1).cancel(true);
		assertThat(this.operation.batches()).containsExactly("a");
		this.operation.last().succeed();
		assertThat(this.operation.batches()).containsExactly("a", "b,c,d");
		waiting.get(0).cancel(true);
		this.operation.last().succeed();
		assertThat(waiting.get(2)).isCompletedWithValue("d!");
		assertThat(this.connections.made).hasSize(1).noneMatch((fake) -> fake.closed);
	}

	@Test
	void whatWasAnsweredCanSendTheNextRequestAtOnce() {
		CompletableFuture<String> second = send("a").thenCompose((answer) -> send("b"));
		this.operation.last().succeed();
		assertThat(this.operation.batches()).containsExactly("a", "b");
		this.operation.last().succeed();
		assertThat(second).isCompletedWithValue("b!");
	}

}
