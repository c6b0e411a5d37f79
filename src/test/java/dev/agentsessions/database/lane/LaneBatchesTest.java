package dev.agentsessions.database.lane;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What a lane takes into one batch, and what it has room for.
 */
class LaneBatchesTest extends LaneFixture {

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
		List<Boolean> idle = new ArrayList<>();
		this.operation.done = (answers) -> idle.add(this.lane.isIdle());
		this.operation.begins = () -> idle.add(this.lane.isIdle());
		send("a").thenRun(() -> idle.add(this.lane.isIdle()));
		send("b");
		this.operation.last().succeed();
		assertThat(this.operation.batches()).containsExactly("a", "b");
		assertThat(idle).as("at both beginnings, when it is told of a, when its caller has the answer")
			.hasSize(4)
			.containsOnly(false);
		this.operation.last().succeed();
		assertThat(this.lane.isIdle()).isTrue();
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
		CompletableFuture<String> last = send("xy");
		assertUnavailable(send("x"), "busy", "Too many requests");
		this.operation.last().succeed();
		assertThat(queued).noneMatch(CompletableFuture::isDone);
		assertThat(send("12345")).as("there is room again").isNotDone();
		succeedUntilIdle();
		assertThat(last).isCompletedWithValue("xy!");
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

}
