package dev.agentsessions.tail.time;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How the tails of an event loop share it, with each other and with everything else.
 */
class LoopTurnsTest {

	private static final String OTHER = "other";

	private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

	private final EventLoop loop = this.group.next();

	private final List<String> done = Collections.synchronizedList(new ArrayList<>());

	@AfterEach
	void stop() {
		this.group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
	}

	@Test
	void whatElseTheLoopHasToDoComesInBetween() {
		List<LoopTurns.Worker> workers = IntStream.range(0, 50).<LoopTurns.Worker>mapToObj((i) -> () -> {
			if (i == 0) {
				this.loop.schedule(() -> this.done.add(OTHER), 0, TimeUnit.NANOSECONDS);
			}
			work(Duration.ofMillis(1));
			this.done.add("tail");
		}).toList();
		this.loop.execute(() -> LoopTurns.on(this.loop).begin(workers));
		await(51);
		assertThat(this.done.indexOf(OTHER)).isLessThan(5);
	}

	@Test
	void whoHasMoreToDoGoesOnAfterTheOthersAndOnce() {
		List<LoopTurns.Worker> workers = new ArrayList<>();
		for (String name : List.of("a", "b", "c")) {
			workers.add(new LoopTurns.Worker() {

				private int times;

				@Override
				public void pump() {
					LoopTurnsTest.this.done.add(name + ++this.times);
					if (this.times < 3) {
						LoopTurns.on(LoopTurnsTest.this.loop).goOn(this);
						LoopTurns.on(LoopTurnsTest.this.loop).goOn(this);
					}
				}

			});
		}
		this.loop.execute(() -> LoopTurns.on(this.loop).begin(workers));
		await(9);
		assertThat(this.done).containsExactly("a1", "b1", "c1", "a2", "b2", "c2", "a3", "b3", "c3");
	}

	@Test
	void whoComesWhileOthersWaitIsServedAfterThem() {
		List<LoopTurns.Worker> workers = IntStream.range(0, 20).<LoopTurns.Worker>mapToObj((i) -> () -> {
			work(Duration.ofMillis(1));
			this.done.add("first");
		}).toList();
		LoopTurns.Worker last = () -> this.done.add("last");
		this.loop.execute(() -> LoopTurns.on(this.loop).begin(workers));
		this.loop.execute(() -> LoopTurns.on(this.loop).begin(List.of(last)));
		await(21);
		assertThat(this.done.indexOf("last")).isEqualTo(20);
	}

	private void await(int count) {
		Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> this.done.size() == count);
	}

	private static void work(Duration time) {
		long end = System.nanoTime() + time.toNanos();
		while (System.nanoTime() - end < 0) {
			// this thread has to be busy
		}
	}

}
