package dev.agentsessions.database.lane;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

import dev.agentsessions.problem.ProblemException;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Many lanes, of which one or two are at work at once.
 */
class LaneTurnsTest extends LaneFixture {

	private final List<Lane> lanes = new ArrayList<>();

	@Test
	void whatWaitsForItsTurnIsOneBatch() {
		lanes(3, 1);
		send(0, "a");
		send(1, "b1");
		send(2, "c1");
		send(1, "b2");
		send(2, "c2");
		CompletableFuture<String> last = send(0, "a2");
		assertThat(this.operation.batches()).containsExactly("a");
		for (int n = 0; n < 4; n++) {
			this.operation.last().succeed();
		}
		assertThat(this.operation.batches()).containsExactly("a", "b1,b2", "c1,c2", "a2");
		assertThat(last).isCompletedWithValue("a2!");
		assertThat(this.lanes).allMatch(Lane::isIdle);
	}

	@Test
	void asManyAreAtWorkAsThereAreTurns() {
		lanes(4, 2);
		List.of(0, 1, 2, 3).forEach((lane) -> send(lane, "" + lane));
		assertThat(this.operation.batches()).containsExactly("0", "1");
		this.operation.runs.get(1).succeed();
		assertThat(this.operation.batches()).containsExactly("0", "1", "2");
		this.operation.runs.get(0).succeed();
		assertThat(this.operation.batches()).containsExactly("0", "1", "2", "3");
	}

	@Test
	void whoTakesLongHoldsUpNobodyAndNeedsNoTurnUntilItIsQuickAgain() {
		lanes(3, 1);
		send(0, "slow");
		send(1, "b");
		awaitTicks(() -> this.operation.batches().contains("b"));
		// the turn is that of b now, and the slow one goes on without
		CompletableFuture<String> next = send(0, "next");
		this.operation.runs.get(0).succeed();
		assertThat(this.operation.batches()).containsExactly("slow", "b", "next");
		this.operation.runs.get(2).succeed();
		assertThat(next).isCompletedWithValue("next!");
		// it was quick
		send(0, "again");
		assertThat(this.operation.batches()).hasSize(3);
		this.operation.runs.get(1).succeed();
		assertThat(this.operation.batches()).endsWith("again");
	}

	@Test
	void aTurnIsNotKeptByALaneThatHasNothingToDoAnyLonger() {
		lanes(3, 1);
		send(0, "a");
		CompletableFuture<String> late = send(1, "late", Duration.ZERO);
		send(2, "c");
		this.lanes.get(1).wake();
		assertThat(late).failsWithin(SOON).withThrowableThat().withCauseInstanceOf(ProblemException.class);
		this.operation.last().succeed();
		assertThat(this.operation.batches()).containsExactly("a", "c");
	}

	@Test
	void aBugInAnOperationDoesNotKeepATurn() {
		lanes(2, 1);
		send(0, "a");
		this.operation.last().fail(new NoClassDefFoundError("missing"));
		send(1, "b");
		assertThat(this.operation.batches()).endsWith("b");
	}

	@Test
	void aBatchThatBeginsWhileTheLastOneEndsHasATurnOfItsOwn() {
		AtomicReference<Runnable> ending = new AtomicReference<>(() -> {
		});
		this.meters = new SimpleMeterRegistry() {
			@Override
			protected Timer newTimer(Meter.Id id, DistributionStatisticConfig statistics, PauseDetector pauses) {
				Timer timer = super.newTimer(id, statistics, pauses);
				return id.getName().equals("store.lanes.run") ? hearing(timer, () -> ending.get().run()) : timer;
			}
		};
		lanes(3, 2);
		send(0, "a");
		ending.set(() -> {
			ending.set(() -> {
			});
			send(0, "next");
		});
		this.operation.last().succeed();
		assertThat(this.operation.batches()).containsExactly("a", "next");
		this.operation.last().succeed();
		send(1, "b");
		send(2, "c");
		assertThat(this.operation.batches()).as("both turns are there").containsExactly("a", "next", "b", "c");
	}

	private static Timer hearing(Timer timer, Runnable recorded) {
		return (Timer) Proxy.newProxyInstance(Timer.class.getClassLoader(), new Class<?>[] { Timer.class },
				(proxy, method, arguments) -> {
					if (method.getName().equals("record")) {
						recorded.run();
					}
					return method.invoke(timer, arguments);
				});
	}

	private void lanes(int count, int most) {
		this.turns = new LaneTurns(most);
		for (int n = 0; n < count; n++) {
			this.lanes.add(lane(LONG, 128, 1000, 4096, 100_000));
		}
	}

	private CompletableFuture<String> send(int lane, String request) {
		return send(lane, request, LONG);
	}

	private CompletableFuture<String> send(int lane, String request, Duration patience) {
		return Mono
			.<String>create((caller) -> this.lanes.get(lane)
				.offer(new PendingRequest<>(this.operation, request, null, null, caller, Runnable::run,
						System.nanoTime(), patience.toNanos())))
			.toFuture();
	}

	private void awaitTicks(BooleanSupplier condition) {
		await().until(() -> {
			this.lanes.forEach(Lane::wake);
			return condition.getAsBoolean();
		});
	}

}
