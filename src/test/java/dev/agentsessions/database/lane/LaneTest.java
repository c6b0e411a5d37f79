package dev.agentsessions.database.lane;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.r2dbc.spi.R2dbcDataIntegrityViolationException;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import io.r2dbc.spi.R2dbcRollbackException;
import io.r2dbc.spi.R2dbcTransientResourceException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A lane without a database: what is batched, who is answered when, and what happens
 * after each kind of error. Statements end when the test says so.
 */
class LaneTest {

	private static final Duration LONG = Duration.ofMinutes(1);

	private static final Duration SOON = Duration.ofSeconds(10);

	private final MeterRegistry meters = new SimpleMeterRegistry();

	private final FakeConnections connections = new FakeConnections();

	private final FakeOperation operation = new FakeOperation();

	private final Disposable.Swap ticks = Disposables.swap();

	private Lane lane = lane(LONG, 128, 1000, 4096, 100_000);

	@AfterEach
	void stopTicks() {
		this.ticks.dispose();
	}

	@Test
	void anIdleLaneTakesASingleRequestAtOnce() {
		CompletableFuture<String> a = send("a");
		assertThat(this.operation.batches()).containsExactly("a");
		this.operation.last().succeed();
		assertThat(a).isCompletedWithValue("a!");
		assertThat(this.lane.isIdle()).isTrue();
	}

	@Test
	void aLaneIsNotIdleBetweenTwoBatches() {
		AtomicInteger busy = new AtomicInteger();
		AtomicBoolean wrong = new AtomicBoolean();
		AtomicBoolean ended = new AtomicBoolean();
		CompletableFuture<Void> observer = CompletableFuture.runAsync(() -> {
			while (!ended.get()) {
				int before = busy.get();
				if (this.lane.isIdle() && before % 2 == 1 && busy.get() == before) {
					wrong.set(true);
				}
			}
		});
		for (int i = 0; i < 50_000 && !wrong.get(); i++) {
			send("a");
			send("b");
			busy.incrementAndGet();
			this.operation.last().succeed();
			busy.incrementAndGet();
			this.operation.last().succeed();
			this.operation.runs.clear();
		}
		ended.set(true);
		assertThat(observer).succeedsWithin(SOON);
		assertThat(wrong).isFalse();
	}

	@Test
	void whatQueuesUpWhileABatchRunsIsTheNextBatch() {
		send("a");
		List<CompletableFuture<String>> waiting = send("b", "c", "d");
		assertThat(this.operation.batches()).containsExactly("a");
		this.operation.last().succeed();
		assertThat(this.operation.batches()).containsExactly("a", "b,c,d");
		this.operation.last().succeed();
		assertThat(waiting).extracting(CompletableFuture::join).containsExactly("b!", "c!", "d!");
	}

	@Test
	void afterWaitingForLocksItRestsAsLongSoThatTheOtherReplicaHasItsTurn() {
		send("a");
		this.operation.last().connection().hasWaitedForLocks(3000);
		long end = System.nanoTime();
		this.operation.last().succeed();
		List<CompletableFuture<String>> waiting = send("b", "c");
		await().until(() -> this.operation.runs.size() == 2);
		assertThat(Duration.ofNanos(System.nanoTime() - end)).isGreaterThanOrEqualTo(Duration.ofMillis(3));
		succeedUntilIdle();
		assertThat(waiting).extracting(CompletableFuture::join).containsExactly("b!", "c!");
	}

	@Test
	void itDoesNotRestAfterABatchThatFoundItsLocksFree() {
		send("a");
		this.operation.last().connection().hasWaitedForLocks(100);
		this.operation.last().succeed();
		send("b");
		assertThat(this.operation.batches()).containsExactly("a", "b");
		this.operation.last().succeed();
	}

	@Test
	void aBatchHasAMostOfRequests() {
		this.lane = lane(LONG, 3, 1000, 4096, 100_000);
		send("a", "b", "c", "d", "e", "f");
		succeedUntilIdle();
		assertThat(this.operation.batches()).containsExactly("a", "b,c,d", "e,f");
	}

	@Test
	void anOperationMayWantFewerInABatch() {
		this.operation.maxRequests = 2;
		send("a", "b", "c", "d", "e", "f");
		succeedUntilIdle();
		assertThat(this.operation.batches()).containsExactly("a", "b,c", "d,e", "f");
	}

	@Test
	void aBatchHasAMostOfBytesAndALargerRequestGoesAlone() {
		this.lane = lane(LONG, 128, 10, 4096, 100_000);
		send("a", "12345", "67890", "1", "12345678901234567890", "2", "123456789", "3");
		succeedUntilIdle();
		assertThat(this.operation.batches()).containsExactly("a", "12345,67890", "1", "12345678901234567890",
				"2,123456789", "3");
	}

	@Test
	void nothingComesBehindWhatEndsABatch() {
		this.operation.endsBatch = "end"::equals;
		send("x", "a", "end", "b", "end", "end", "c");
		succeedUntilIdle();
		assertThat(this.operation.batches()).containsExactly("x", "a,end", "b,end", "end", "c");
	}

	@Test
	void twoOperationsNeverShareABatchHoweverTheyAreMixed() {
		FakeOperation other = new FakeOperation();
		send("a");
		send(other, "1", LONG);
		send("b");
		send(other, "2", LONG);
		send("c");
		this.operation.last().succeed();
		assertThat(other.batches()).containsExactly("1,2");
		other.last().succeed();
		assertThat(this.operation.batches()).containsExactly("a", "b,c");
	}

	@Test
	void aFullQueueAnswers503AtOnce() {
		this.lane = lane(LONG, 128, 1000, 2, 100_000);
		send("a");
		List<CompletableFuture<String>> queued = send("b", "c");
		assertUnavailable(send("d"), "busy", "Too many requests");
		assertThat(queued).noneMatch(CompletableFuture::isDone);
		this.operation.last().succeed();
		CompletableFuture<String> e = send("e");
		succeedUntilIdle();
		assertThat(e).isCompletedWithValue("e!");
		assertThat(this.operation.batches()).containsExactly("a", "b,c", "e");
	}

	@Test
	void aQueueIsFullOfBytesToo() {
		this.lane = lane(LONG, 1, 1000, 4096, 10);
		send("a");
		List<CompletableFuture<String>> queued = send("12345", "6789");
		assertUnavailable(send("xy"), "busy", "Too many requests");
		CompletableFuture<String> fits = send("x");
		this.operation.last().succeed();
		assertThat(queued).noneMatch(CompletableFuture::isDone);
		assertThat(send("12345")).as("there is room again").isNotDone();
		succeedUntilIdle();
		assertThat(fits).isCompletedWithValue("x!");
		assertThat(this.operation.runs).hasSize(5);
	}

	@Test
	void aRequestIsNeverTooLargeForAnEmptyQueue() {
		this.lane = lane(LONG, 128, 10, 4096, 10);
		send("a");
		CompletableFuture<String> large = send("1234567890123");
		assertUnavailable(send("b"), "busy", "Too many requests");
		succeedUntilIdle();
		assertThat(large).isCompletedWithValue("1234567890123!");
	}

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

	@Test
	void aBatchRunsAgainWholeIfTheOperationSaysSo() {
		this.operation.runsAgain = (error) -> "23505".equals(error.getSqlState());
		List<CompletableFuture<String>> batch = batch("b", "c");
		this.operation.last().fail(refusal("23505"));
		await().until(() -> this.operation.runs.size() == 3);
		assertThat(batch).noneMatch(CompletableFuture::isDone);
		this.operation.last().succeed();
		assertThat(this.operation.batches()).containsExactly("x", "b,c", "b,c");
		assertThat(batch).extracting(CompletableFuture::join).containsExactly("b!", "c!");
	}

	@ParameterizedTest
	@ValueSource(strings = { "40001", "40P01" })
	void aBatchRunsAgainWholeAfterADeadlock(String state) {
		List<CompletableFuture<String>> batch = batch("b", "c");
		this.operation.last().fail(refusal(state));
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

	@Test
	void noneIsRunAgainAfterALostConnectionAndTheNextRequestHasANewOne() {
		List<CompletableFuture<String>> batch = batch("b", "c");
		CompletableFuture<String> next = send("d");
		this.operation.last().fail(new R2dbcNonTransientResourceException("connection reset"));
		assertThat(batch).allSatisfy((call) -> assertUnavailable(call, "outcome-unknown", "may or may not"));
		assertThat(this.operation.batches()).containsExactly("x", "b,c", "d");
		assertThat(this.connections.made).extracting((fake) -> fake.closed).containsExactly(true, false);
		assertThat(this.operation.last().connection().connection()).isSameAs(this.connections.made.get(1).connection);
		this.operation.last().succeed();
		assertThat(next).isCompletedWithValue("d!");
	}

	@Test
	void aConnectionThatIsLostBeforeTheCommitWasAskedForHasDoneNothingAndAnotherOneIsTried() {
		this.operation.atomic = true;
		List<CompletableFuture<String>> batch = batch("b", "c");
		this.operation.last().fail(new R2dbcNonTransientResourceException("connection reset"));
		await().untilAsserted(() -> assertThat(this.operation.batches()).containsExactly("x", "b,c", "b,c"));
		assertThat(this.connections.made).extracting((fake) -> fake.closed).containsExactly(true, false);
		this.operation.last().succeed();
		assertThat(batch).extracting(CompletableFuture::join).containsExactly("b!", "c!");
	}

	@Test
	void aConnectionThatIsLostAgainAndAgainBeforeTheCommitIsGivenUpAndNothingWasDone() {
		this.operation.atomic = true;
		CompletableFuture<String> a = send("a");
		int lost = 0;
		while (!a.isDone()) {
			if (this.operation.runs.size() > lost) {
				lost = this.operation.runs.size();
				this.operation.last().fail(new R2dbcNonTransientResourceException("connection reset"));
			}
			Thread.onSpinWait();
		}
		assertUnavailable(a, "busy", "nothing was done");
		assertThat(this.operation.runs).hasSizeBetween(2, 10);
	}

	@Test
	void aConnectionThatIsLostAfterTheCommitWasAskedForLeavesTheOutcomeUnknown() {
		this.operation.atomic = true;
		List<CompletableFuture<String>> batch = batch("b", "c");
		this.connections.commit = Mono.error(new R2dbcNonTransientResourceException("connection reset"));
		this.operation.last().succeed();
		assertThat(batch).allSatisfy((call) -> assertUnavailable(call, "outcome-unknown", "may or may not"));
		assertThat(this.operation.batches()).containsExactly("x", "b,c");
		assertThat(this.connections.made).hasSize(1).allMatch((fake) -> fake.closed);
	}

	@Test
	void aCommitThatIsAnsweredWithRollbackIsRunAgain() {
		this.operation.atomic = true;
		List<CompletableFuture<String>> batch = batch("b", "c");
		this.connections.commit = Mono.error(new R2dbcRollbackException("The database returned ROLLBACK", "40000"));
		this.operation.last().succeed();
		assertThat(batch).noneMatch(CompletableFuture::isDone);
		this.connections.commit = Mono.empty();
		succeedUntilIdle();
		assertThat(batch).extracting(CompletableFuture::join).containsExactly("b!", "c!");
	}

	@Test
	void aRefusalIsRolledBack() {
		this.operation.atomic = true;
		CompletableFuture<String> a = send("a");
		this.operation.last().fail(refusal("23514"));
		assertThat(a).isCompletedExceptionally();
		assertThat(this.connections.made).hasSize(1).allMatch((fake) -> fake.rolledBack && !fake.closed);
	}

	@ParameterizedTest
	@ValueSource(strings = { "08006", "57P01", "57P02", "58030", "XX000", "53200" })
	void aServerThatFailsLeavesTheOutcomeUnknown(String state) {
		List<CompletableFuture<String>> batch = batch("b", "c");
		this.operation.last().fail(refusal(state));
		assertThat(batch).allSatisfy((call) -> assertUnavailable(call, "outcome-unknown", ""));
		assertThat(this.operation.runs).hasSize(2);
		assertThat(this.connections.made).hasSize(1).allMatch((fake) -> fake.closed);
	}

	@Test
	void aRunThatTakesTooLongLeavesTheOutcomeUnknown() {
		haste();
		CompletableFuture<String> a = send("a");
		assertUnavailable(a, "outcome-unknown", "");
		await().until(this.lane::isIdle);
		assertThat(this.operation.batches()).containsExactly("x", "a");
		assertThat(this.connections.made).hasSize(2).last().matches((fake) -> fake.closed);
		CompletableFuture<String> b = send("b");
		assertThat(this.connections.made).hasSize(3);
		this.operation.last().succeed();
		assertThat(b).isCompletedWithValue("b!");
	}

	@Test
	void aReadWithoutAnAnswerCanSimplyBeMadeAgain() {
		this.operation.read = true;
		CompletableFuture<String> a = send("a");
		this.operation.last().fail(new R2dbcNonTransientResourceException("connection reset"));
		assertUnavailable(a, "busy", "did not answer in time");
		assertThat(this.operation.runs).hasSize(1);
	}

	@Test
	void anUnexpectedErrorLeavesTheOutcomeUnknown() {
		CompletableFuture<String> a = send("a");
		this.operation.last().fail(new IllegalStateException("a bug"));
		assertUnavailable(a, "outcome-unknown", "");
		assertThat(this.connections.made).hasSize(1).allMatch((fake) -> fake.closed);
	}

	@Test
	void tooFewAnswersLeaveTheOutcomeUnknown() {
		List<CompletableFuture<String>> batch = batch("b", "c");
		this.operation.last().end(List.of(Answer.of("1")));
		assertThat(batch).allMatch(CompletableFuture::isDone);
		assertUnavailable(batch.get(1), "outcome-unknown", "");
		assertThat(this.lane.isIdle()).isTrue();
	}

	@Test
	void noAnswerAtAllLeavesTheOutcomeUnknown() {
		List<CompletableFuture<String>> batch = batch("b", "c");
		this.operation.last().end().tryEmitEmpty().orThrow();
		assertThat(batch).allSatisfy((call) -> assertUnavailable(call, "outcome-unknown", ""));
		assertThat(this.connections.made).hasSize(1).allMatch((fake) -> fake.closed);
	}

	@Test
	void aConnectionThatIsLostWhileHalvesRunAloneConcernsThatHalfOnly() {
		List<CompletableFuture<String>> batch = batch("b", "c");
		this.operation.last().fail(refusal("23514"));
		this.operation.last().fail(new R2dbcTransientResourceException("gone"));
		this.operation.last().succeed();
		assertThat(this.operation.batches()).containsExactly("x", "b,c", "b", "c");
		assertUnavailable(batch.get(0), "outcome-unknown", "");
		assertThat(batch.get(1)).isCompletedWithValue("c!");
		assertThat(this.connections.made).hasSize(2);
	}

	@Test
	void aConnectionThatWasClosedMeanwhileIsReplacedBeforeTheNextRun() {
		send("a");
		this.operation.last().succeed();
		this.connections.made.get(0).open = false;
		CompletableFuture<String> b = send("b");
		assertThat(this.connections.made).hasSize(2);
		this.operation.last().succeed();
		assertThat(b).isCompletedWithValue("b!");
	}

	@Test
	void withoutAConnectionNothingIsDone() {
		this.connections.before = Mono.error(new R2dbcNonTransientResourceException("refused"));
		assertUnavailable(send("a"), "busy", "can't be reached; nothing was done");
		assertThat(this.operation.runs).isEmpty();
		assertThat(this.lane.isIdle()).isTrue();
		this.connections.before = Mono.empty();
		CompletableFuture<String> b = send("b");
		this.operation.last().succeed();
		assertThat(b).isCompletedWithValue("b!");
	}

	@Test
	void anOperationThatCannotBeginFailsItsOwnRequestsOnly() {
		LaneOperation<String, String> broken = (connection, requests) -> {
			throw new IllegalStateException("a bug");
		};
		assertThat(send(broken, "a", LONG)).isCompletedExceptionally();
		CompletableFuture<String> b = send("b");
		this.operation.last().succeed();
		assertThat(b).isCompletedWithValue("b!");
	}

	@Test
	void anErrorThatReactorThrowsFailsItsOwnBatchOnly() {
		List<LaneOperation<String, String>> broken = List.of((connection, requests) -> {
			throw new NoClassDefFoundError("a bug");
		}, (connection, requests) -> Mono.defer(() -> {
			throw new NoClassDefFoundError("a bug");
		}));
		for (LaneOperation<String, String> each : broken) {
			assertUnavailable(send(each, "a", LONG), "outcome-unknown", "");
			assertThat(this.lane.isIdle()).isTrue();
			CompletableFuture<String> b = send("b");
			this.operation.last().succeed();
			assertThat(b).isCompletedWithValue("b!");
		}
		assertThat(this.connections.made).extracting((fake) -> fake.closed).containsExactly(true, true, false);
	}

	@Test
	void anErrorThatIsThrownOnAnotherThreadFailsItsOwnBatchInTime() {
		haste();
		this.connections.before = Mono.delay(Duration.ofMillis(1)).then();
		CompletableFuture<String> a = send((connection, requests) -> {
			throw new NoClassDefFoundError("a bug");
		}, "a", LONG);
		assertUnavailable(a, "outcome-unknown", "");
		await().until(this.lane::isIdle);
		this.connections.before = Mono.empty();
		CompletableFuture<String> b = send("b");
		this.operation.last().succeed();
		assertThat(b).isCompletedWithValue("b!");
	}

	@Test
	void aBatchThatCannotBeMadeUpFailsAloneToo() {
		this.operation.endsBatch = (request) -> {
			if (request.equals("b")) {
				throw new NoClassDefFoundError("a bug");
			}
			return false;
		};
		send("a");
		List<CompletableFuture<String>> waiting = send("b", "c");
		this.operation.last().succeed();
		assertUnavailable(waiting.get(0), "busy", "nothing was done");
		this.lane.wake();
		this.operation.last().succeed();
		assertThat(this.operation.batches()).containsExactly("a", "c");
		assertThat(waiting.get(1)).isCompletedWithValue("c!");
		assertThat(this.connections.made).hasSize(1).noneMatch((fake) -> fake.closed);
	}

	@Test
	void whatACallerMakesOfItsAnswerIsNoBusinessOfTheOthers() {
		send("x");
		caller(this.operation, "b", LONG).subscribe((answer) -> {
			throw new NoClassDefFoundError("a bug");
		});
		caller(this.operation, "bad", LONG).subscribe((answer) -> {
		}, (error) -> {
			throw new NoClassDefFoundError("a bug");
		});
		CompletableFuture<String> d = send("d");
		this.operation.last().succeed();
		this.operation.last().end(List.of(Answer.of("b!"), Answer.failed(Problems.notFound()), Answer.of("d!")));
		assertThat(d).isCompletedWithValue("d!");
		assertThat(this.lane.isIdle()).isTrue();
		assertThat(this.connections.made).hasSize(1).noneMatch((fake) -> fake.closed);
	}

	@Test
	void whatHearsOfABatchDisturbsNobody() {
		this.operation.done = (answers) -> {
			throw new NoClassDefFoundError("a bug");
		};
		List<CompletableFuture<String>> batch = batch("b", "c");
		this.operation.last().succeed();
		assertThat(batch).extracting(CompletableFuture::join).containsExactly("b!", "c!");
		assertThat(this.connections.made).hasSize(1).noneMatch((fake) -> fake.closed);
	}

	@Test
	void whatIsLateInTheQueueIsNotRun() {
		CompletableFuture<String> a = send("a");
		CompletableFuture<String> late = send(this.operation, "late", Duration.ZERO);
		assertUnavailable(late, "busy", "nothing was done");
		CompletableFuture<String> c = send("c");
		succeedUntilIdle();
		assertThat(this.operation.batches()).containsExactly("a", "c");
		assertThat(List.of(a, c)).extracting(CompletableFuture::join).containsExactly("a!", "c!");
	}

	@Test
	void whatIsLateWhileItRunsIsToldThatTheOutcomeIsUnknown() {
		send("x");
		CompletableFuture<String> late = send(this.operation, "late", Duration.ofMillis(500));
		CompletableFuture<String> inTime = send("b");
		this.operation.last().succeed();
		assertThat(this.operation.last().requests()).containsExactly("late", "b");
		await().until(() -> {
			this.lane.wake();
			return late.isDone();
		});
		assertUnavailable(late, "outcome-unknown", "");
		this.operation.last().succeed();
		assertThat(inTime).isCompletedWithValue("b!");
	}

	@Test
	void whatIsLateIsNotRunAloneAfterARefusalAndIsStillAnswered() {
		long deadline = System.nanoTime() + Duration.ofMillis(600).toNanos();
		send("x");
		CompletableFuture<String> late = send(this.operation, "late", Duration.ofMillis(500));
		CompletableFuture<String> inTime = send("b");
		this.operation.last().succeed();
		await().until(() -> System.nanoTime() - deadline > 0);
		this.operation.last().fail(refusal("23514"));
		succeedUntilIdle();
		assertThat(this.operation.batches()).containsExactly("x", "late,b", "b");
		assertThat(inTime).isCompletedWithValue("b!");
		assertUnavailable(late, "busy", "nothing was done");
	}

	@Test
	void closingFinishesWhatWasAcceptedAndRefusesTheRest() {
		CompletableFuture<String> a = send("a");
		CompletableFuture<String> b = send("b");
		this.lane.close();
		assertUnavailable(send("c"), "busy", "shutting down");
		assertThat(this.lane.isIdle()).isFalse();
		this.operation.last().succeed();
		assertThat(this.lane.isIdle()).isFalse();
		this.operation.last().succeed();
		assertThat(this.lane.isIdle()).isTrue();
		assertThat(List.of(a, b)).extracting(CompletableFuture::join).containsExactly("a!", "b!");
		this.lane.disconnect();
		assertThat(this.connections.made).hasSize(1).allMatch((fake) -> fake.closed);
	}

	/**
	 * Threads that send as fast as they can, statements that end on other threads: every
	 * request is run and answered once, in its sender's order, and batches never overlap.
	 */
	@Test
	void nothingIsLostDoubledOrReorderedUnderConcurrency() throws InterruptedException {
		int senders = 4;
		int requests = 5000;
		long seed = System.nanoTime();
		Random random = new Random(seed);
		AtomicInteger running = new AtomicInteger();
		AtomicInteger overlaps = new AtomicInteger();
		Map<String, List<Integer>> ran = new ConcurrentHashMap<>();
		LaneOperation<String, String> fast = (connection, batch) -> Mono.defer(() -> {
			overlaps.addAndGet((running.getAndIncrement() > 0) ? 1 : 0);
			batch.forEach((request) -> ran.computeIfAbsent(request.split(":")[0], (key) -> new ArrayList<>())
				.add(Integer.valueOf(request.split(":")[1])));
			List<Answer<String>> answers = batch.stream().map(Answer::of).toList();
			running.decrementAndGet();
			return (random.nextInt(10) == 0) ? Mono.just(answers).publishOn(Schedulers.parallel()) : Mono.just(answers);
		});
		CountDownLatch answered = new CountDownLatch(senders * requests);
		this.lane = lane(LONG, 16, 1000, senders * requests, 100_000_000);
		List<Thread> threads = IntStream.range(0, senders).mapToObj((sender) -> new Thread(() -> {
			for (int i = 0; i < requests; i++) {
				send(fast, sender + ":" + i, LONG).thenAccept((answer) -> answered.countDown());
			}
		})).toList();
		threads.forEach(Thread::start);
		assertThat(answered.await(60, TimeUnit.SECONDS)).as("all are answered; seed %d", seed).isTrue();
		assertThat(overlaps).hasValue(0);
		assertThat(ran).hasSize(senders);
		assertThat(this.connections.made).as("no batch was given up").hasSize(1);
		assertThat(ran.values()).allSatisfy(
				(order) -> assertThat(order).containsExactlyElementsOf(IntStream.range(0, requests).boxed().toList()));
	}

	/**
	 * Between two of these the lane looks at a queue into which a request is on its way.
	 */
	@Test
	void aRequestThatIsOnItsWayIntoAnEmptyQueueIsNoBatchYet() throws InterruptedException {
		int senders = 4;
		LaneOperation<String, String> fast = (connection, batch) -> Mono
			.fromSupplier(() -> batch.stream().map(Answer::of).toList());
		List<Thread> threads = IntStream.range(0, senders).mapToObj((sender) -> new Thread(() -> {
			for (int i = 0; i < 100_000; i++) {
				send(fast, "a", LONG).join();
			}
		})).toList();
		threads.forEach(Thread::start);
		for (Thread thread : threads) {
			thread.join();
		}
		assertThat(this.connections.made).as("no batch was given up").hasSize(1);
	}

	private Lane lane(Duration timeout, int batchRequests, long batchBytes, int queueRequests, long queueBytes) {
		LaneQueue queue = new LaneQueue(
				new LaneQueue.Capacity(batchRequests, batchBytes, queueRequests, queueBytes, 100));
		LaneMetrics metrics = new LaneMetrics(this.meters, "writer");
		metrics.watch(List.of(queue));
		return new Lane(this.connections::lane, timeout, queue, metrics);
	}

	/** A lane without patience, after all that takes long the first time. */
	private void haste() {
		send("x");
		this.operation.last().succeed();
		this.lane = lane(Duration.ofMillis(200), 128, 1000, 4096, 100_000);
		this.ticks.update(Flux.interval(Duration.ofMillis(20)).subscribe((tick) -> this.lane.wake()));
	}

	private CompletableFuture<String> send(String request) {
		return send(this.operation, request, LONG);
	}

	private List<CompletableFuture<String>> send(String... requests) {
		return List.of(requests).stream().map(this::send).toList();
	}

	/** Requests that run as one batch, after one that ran before. */
	private List<CompletableFuture<String>> batch(String... requests) {
		send("x");
		List<CompletableFuture<String>> batch = send(requests);
		this.operation.last().succeed();
		return batch;
	}

	/** What is before the colon, if there is one. */
	private static @Nullable String session(String request) {
		return request.contains(":") ? request.split(":")[0] : null;
	}

	private CompletableFuture<String> send(LaneOperation<String, String> operation, String request, Duration patience) {
		return caller(operation, request, patience).toFuture();
	}

	private Mono<String> caller(LaneOperation<String, String> operation, String request, Duration patience) {
		return Mono.create((caller) -> this.lane.offer(new PendingRequest<>(operation, request, null, session(request),
				caller, Runnable::run, System.nanoTime(), patience.toNanos())));
	}

	private void succeedUntilIdle() {
		// some are run again a moment later
		await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> {
			this.operation.last().trySucceed();
			return this.lane.isIdle();
		});
	}

	private static void succeed(FakeOperation operation) {
		operation.runs.stream()
			.filter((run) -> !run.end().asMono().toFuture().isDone())
			.forEach(FakeOperation.Run::succeed);
	}

	private static R2dbcException refusal(String state) {
		return new R2dbcDataIntegrityViolationException("refused", state);
	}

	private static void assertUnavailable(CompletableFuture<String> call, String name, String detail) {
		assertThat(call).failsWithin(SOON)
			.withThrowableOfType(ExecutionException.class)
			.havingCause()
			.isInstanceOfSatisfying(ProblemException.class, (error) -> {
				assertThat(error.problem().status()).isEqualTo(503);
				assertThat(error.problem().name()).isEqualTo(name);
				assertThat(error.problem().detail()).contains(detail);
				assertThat(error.problem().headers()).containsKey("Retry-After");
			});
	}

}
