package dev.agentsessions.database.lane;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import dev.agentsessions.database.lane.operation.Answer;
import dev.agentsessions.database.lane.operation.LaneOperation;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What is late, what comes after closing, and what comes at the same time.
 */
class LaneTimesTest extends LaneFixture {

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
		int requests = 2000;
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
			for (int i = 0; i < 20_000; i++) {
				send(fast, "a", LONG).join();
			}
		})).toList();
		threads.forEach(Thread::start);
		for (Thread thread : threads) {
			thread.join();
		}
		assertThat(this.connections.made).as("no batch was given up").hasSize(1);
	}

}
