package dev.agentsessions.tail.time;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who waits for a moment is called then, once, unless it no longer waits.
 */
class LoopTicksTest {

	private static final long SOON = Duration.ofMillis(50).toNanos();

	private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

	private final EventLoop loop = this.group.next();

	private final List<String> called = Collections.synchronizedList(new ArrayList<>());

	private final List<Long> times = Collections.synchronizedList(new ArrayList<>());

	private final long moment = System.nanoTime() + SOON;

	@AfterEach
	void stop() {
		this.group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
	}

	@Test
	void allThatWaitForAMomentAreCalledThenAndInTheOrderTheyCame() {
		onLoop(() -> {
			await(this.moment + SOON, "later");
			await(this.moment, "a");
			await(this.moment, "b");
		});
		assertThat(calledUntil("later")).containsExactly("a", "b", "later");
		assertThat(this.times.get(0)).isGreaterThanOrEqualTo(this.moment);
		assertThat(this.times.get(2)).isGreaterThanOrEqualTo(this.moment + SOON);
	}

	@Test
	void whoNoLongerWaitsIsNotCalled() {
		onLoop(() -> {
			LoopTurns.Worker worker = worker("forgotten");
			LoopTicks.on(this.loop).await(this.moment, worker);
			LoopTicks.on(this.loop).forget(this.moment, worker);
			LoopTicks.on(this.loop).forget(this.moment + 1, worker);
			await(this.moment + SOON, "last");
		});
		assertThat(calledUntil("last")).containsExactly("last");
	}

	@Test
	void whoIsCalledMayWaitAgainEvenForAMomentThatIsOver() {
		onLoop(() -> LoopTicks.on(this.loop).await(this.moment, () -> {
			this.called.add("first");
			await(this.moment, "second");
		}));
		assertThat(calledUntil("second")).containsExactly("first", "second");
	}

	private void await(long moment, String name) {
		LoopTicks.on(this.loop).await(moment, worker(name));
	}

	private LoopTurns.Worker worker(String name) {
		return () -> {
			this.times.add(System.nanoTime());
			this.called.add(name);
		};
	}

	private void onLoop(Runnable action) {
		this.loop.submit(action).syncUninterruptibly();
	}

	private List<String> calledUntil(String last) {
		Awaitility.await().until(() -> this.called.contains(last));
		return List.copyOf(this.called);
	}

}
