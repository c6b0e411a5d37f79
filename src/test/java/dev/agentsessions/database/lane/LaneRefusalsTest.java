package dev.agentsessions.database.lane;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

import io.r2dbc.spi.R2dbcException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What happens after the database has refused a batch: those that can run do.
 */
class LaneRefusalsTest extends LaneFixture {

	@Test
	void afterARefusalHalvesRunAloneUntilOnlyTheGuiltyOneFails() {
		List<CompletableFuture<String>> batch = batch("b", "bad", "d");
		R2dbcException refusal = refusal("23514");
		this.operation.last().fail(refusal);
		while (!this.lane.isIdle()) {
			if (this.operation.last().requests().contains("bad")) {
				this.operation.last().fail(refusal);
			}
			else {
				this.operation.last().succeed();
			}
		}
		assertThat(this.operation.batches()).containsExactly("x", "b,bad,d", "b", "bad,d", "bad", "d");
		assertThat(batch.get(0)).isCompletedWithValue("b!");
		assertThat(batch.get(1)).failsWithin(SOON).withThrowableOfType(ExecutionException.class).withCause(refusal);
		assertThat(batch.get(2)).isCompletedWithValue("d!");
		assertThat(this.connections.made).hasSize(1).noneMatch((fake) -> fake.closed);
	}

	@Test
	void aRefusalMayBeHiddenInAnotherError() {
		CompletableFuture<String> a = send("a");
		this.operation.last().fail(new IllegalStateException("wrapped", refusal("23514")));
		assertThat(a).isCompletedExceptionally();
		assertThat(this.connections.made).noneMatch((fake) -> fake.closed);
	}

	@ParameterizedTest
	@ValueSource(strings = { "57014", "55P03", "HYT00" })
	void oneThatRanIntoATimeLimitOfTheDatabaseIsToldThatNothingWasDone(String state) {
		CompletableFuture<String> a = send("a");
		this.operation.last().fail(refusal(state));
		assertUnavailable(a, "busy", "nothing was done");
		assertThat(this.operation.runs).hasSize(1);
		assertThat(this.connections.made).noneMatch((fake) -> fake.closed);
	}

	@Test
	void afterALockTimeOutEachSessionRunsAloneAndOnlyTheLockedOneFails() {
		List<CompletableFuture<String>> batch = batch("s:1", "t:1", "s:2", "u:1");
		this.operation.last().fail(refusal("55P03"));
		assertThat(this.operation.last().requests()).containsExactly("s:1", "s:2");
		this.operation.last().fail(refusal("55P03"));
		assertUnavailable(batch.get(0), "busy", "nothing was done");
		assertUnavailable(batch.get(2), "busy", "nothing was done");
		succeedUntilIdle();
		assertThat(this.operation.batches()).containsExactly("x", "s:1,t:1,u:1,s:2", "s:1,s:2", "t:1", "u:1");
		assertThat(List.of(batch.get(1), batch.get(3))).extracting(CompletableFuture::join)
			.containsExactly("t:1!", "u:1!");
		assertThat(this.connections.made).hasSize(1).noneMatch((fake) -> fake.closed);
	}

	@Test
	void aSessionThatWasLockedRunsLastAndAloneUntilItIsFree() {
		batch("s:1", "s:2");
		this.operation.last().fail(refusal("55P03"));
		assertThat(this.lane.isIdle()).as("one session, so there is nothing to find out").isTrue();
		batch("s:3", "t:1", "s:4", "u:1");
		assertThat(this.operation.last().requests()).containsExactly("t:1", "u:1");
		this.operation.last().succeed();
		assertThat(this.operation.last().requests()).containsExactly("s:3", "s:4");
		this.operation.last().succeed();
		batch("s:5", "t:2");
		assertThat(this.operation.last().requests()).containsExactly("s:5", "t:2");
	}

	@Test
	void ofManySessionsThatAreLockedAFewAreTriedInEachBatch() {
		batch("a:1", "b:1", "c:1", "d:1", "e:1", "f:1");
		for (int i = 0; i < 7; i++) {
			this.operation.last().fail(refusal("55P03"));
		}
		List<CompletableFuture<String>> batch = batch("a:2", "b:2", "c:2", "d:2", "e:2", "f:2", "free:1");
		List<CompletableFuture<String>> refused = batch.stream().filter(CompletableFuture::isDone).toList();
		assertThat(refused).hasSize(2).allSatisfy((call) -> assertUnavailable(call, "busy", "nothing was done"));
		assertThat(this.operation.last().requests()).containsExactly("free:1");
		succeedUntilIdle();
		assertThat(batch).filteredOn((call) -> !refused.contains(call))
			.extracting(CompletableFuture::join)
			.hasSize(5)
			.contains("free:1!");
		batch("a:3", "b:3", "c:3", "d:3", "e:3", "f:3");
		assertThat(this.operation.last().requests()).as("those that were not tried are not forgotten").hasSize(4);
		succeedUntilIdle();
	}

	@Test
	void whatIsLateWhileOthersRunAloneIsToldThatNothingWasDoneAndIsNotRun() {
		send("x");
		CompletableFuture<String> running = send(this.operation, "s:1", Duration.ofMillis(500));
		CompletableFuture<String> waiting = send(this.operation, "t:1", Duration.ofMillis(500));
		this.operation.last().succeed();
		this.operation.last().fail(refusal("55P03"));
		assertThat(this.operation.last().requests()).containsExactly("s:1");
		await().until(() -> {
			this.lane.wake();
			return waiting.isDone();
		});
		assertUnavailable(waiting, "busy", "nothing was done");
		assertUnavailable(running, "outcome-unknown", "");
		this.operation.last().succeed();
		assertThat(this.operation.batches()).containsExactly("x", "s:1,t:1", "s:1");
		assertThat(this.lane.isIdle()).isTrue();
	}

	@Test
	void whatLocksNoSessionFailsTogetherAfterALockTimeOut() {
		List<CompletableFuture<String>> batch = batch("a", "b");
		this.operation.last().fail(refusal("55P03"));
		assertThat(batch).allSatisfy((call) -> assertUnavailable(call, "busy", "nothing was done"));
		assertThat(this.operation.batches()).containsExactly("x", "a,b");
	}

	@ParameterizedTest
	@ValueSource(strings = { "40001", "40P01", "23505" })
	void aBatchRunsAgainWholeAfterADeadlockOrALostRace(String state) {
		List<CompletableFuture<String>> batch = batch("b", "c");
		this.operation.last().fail(refusal(state));
		assertThat(batch).noneMatch(CompletableFuture::isDone);
		succeedUntilIdle();
		assertThat(this.operation.batches()).containsExactly("x", "b,c", "b,c");
		assertThat(batch).extracting(CompletableFuture::join).containsExactly("b!", "c!");
	}

	@Test
	void itDoesNotRunAgainForEver() {
		CompletableFuture<String> a = send("a");
		for (int runs = 1; !a.isDone(); runs++) {
			int expected = runs;
			await().until(() -> a.isDone() || this.operation.runs.size() == expected);
			if (!a.isDone()) {
				this.operation.last().fail(refusal("40P01"));
			}
			assertThat(runs).isLessThan(20);
		}
		assertUnavailable(a, "busy", "nothing was done");
		assertThat(this.operation.runs).hasSizeBetween(2, 10);
		assertThat(this.lane.isIdle()).isTrue();
	}

}
