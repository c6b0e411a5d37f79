package dev.agentsessions.connection;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import io.netty.util.concurrent.EventExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;

import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What becomes of a process whose threads hang. Looks are a second apart in the service;
 * here one follows the other.
 */
@ExtendWith(OutputCaptureExtension.class)
class WatchdogIT {

	private final LoopResources loops = LoopResources.create("watched", 1, 2, true, false);

	private final List<String> told = new CopyOnWriteArrayList<>();

	private final AtomicInteger ends = new AtomicInteger();

	private final Watchdog watchdog = new Watchdog(this.loops,
			(event) -> this.told.add(((AvailabilityChangeEvent<?>) event).getState().toString()),
			this.ends::incrementAndGet);

	private final AtomicBoolean hanging = new AtomicBoolean();

	private final AtomicBoolean released = new AtomicBoolean();

	@AfterEach
	void stop() {
		this.released.set(true);
		this.loops.dispose();
	}

	@Test
	void threadsThatTurnAreLeftAlone() {
		looks(3 * Watchdog.HOPELESS, loops(this.loops));
		assertThat(this.told).isEmpty();
		assertThat(this.ends).hasValue(0);
	}

	@Test
	void aLoopThatHangsIsToldOfWithItsStackAndTheProcessEnds(CapturedOutput output) {
		List<EventExecutor> others = loops(this.loops);
		looks(1, others);
		others.remove(0).execute(this::hang);
		await("the loop has come to what it was given before").untilTrue(this.hanging);
		looks(Watchdog.BROKEN - 1, others);
		assertThat(this.told).isEmpty();
		looks(3, others);
		assertThat(this.told).containsExactly("BROKEN");
		assertThat(output).containsPattern("watched-\\S+ has not turned for 10 s").contains("WatchdogIT.hang");
		assertThat(this.ends).hasValue(0);
		looks(Watchdog.HOPELESS - Watchdog.BROKEN, others);
		assertThat(this.ends).hasPositiveValue();
		assertThat(this.told).containsExactly("BROKEN");
	}

	@Test
	void aLoopThatTurnsAgainIsForgiven() {
		List<EventExecutor> others = loops(this.loops);
		EventExecutor hanging = others.remove(0);
		hanging.execute(this::hang);
		looks(Watchdog.BROKEN + 2, others);
		assertThat(this.told).containsExactly("BROKEN");
		this.released.set(true);
		looks(2, loops(this.loops));
		assertThat(this.told).containsExactly("BROKEN", "CORRECT");
		looks(Watchdog.HOPELESS, loops(this.loops));
		assertThat(this.ends).hasValue(0);
	}

	@Test
	void aTimerThatHangsIsNoticedToo() {
		Scheduler.Worker worker = Schedulers.parallel().createWorker();
		worker.schedule(this::hang);
		for (int i = 0; i <= Watchdog.BROKEN + 1; i++) {
			this.watchdog.look();
		}
		worker.dispose();
		assertThat(this.told).containsExactly("BROKEN");
	}

	@Test
	void nobodyIsToldThatAHangingServiceIsAlive() {
		try (TestStore store = TestStore.start(TestStore.newDatabase(Engine.H2))) {
			Watchdog itsOwn = store.bean(Watchdog.class);
			itsOwn.stop();
			assertThat(livez(store)).isEqualTo(200);
			List<EventExecutor> loops = loops(store.bean(LoopResources.class));
			loops.get(loops.size() - 1).execute(this::hang);
			for (int i = 0; i <= Watchdog.BROKEN + 1; i++) {
				itsOwn.look();
			}
			// of connections one after the other some are on the loop that hangs
			assertThat(IntStream.range(0, 6).map((i) -> livez(store))).isSubsetOf(0, 503);
			this.released.set(true);
			await().untilAsserted(() -> {
				itsOwn.look();
				assertThat(livez(store)).isEqualTo(200);
			});
		}
	}

	/** 0 if there is no answer. */
	private static int livez(TestStore store) {
		HttpClient client = HttpClient.newHttpClient();
		HttpRequest request = HttpRequest.newBuilder(store.uri().resolve("/livez")).build();
		try {
			return client.sendAsync(request, BodyHandlers.discarding())
				.orTimeout(1, TimeUnit.SECONDS)
				.join()
				.statusCode();
		}
		catch (CompletionException ex) {
			return 0;
		}
	}

	/** Each when all that do not hang have come to what they were given. */
	private void looks(int count, List<EventExecutor> turning) {
		for (int i = 0; i < count; i++) {
			turning.forEach((loop) -> loop.submit(() -> {
			}).syncUninterruptibly());
			for (int j = 0; j < Schedulers.DEFAULT_POOL_SIZE; j++) {
				Mono.fromRunnable(() -> {
				}).subscribeOn(Schedulers.parallel()).block();
			}
			this.watchdog.look();
		}
	}

	private static List<EventExecutor> loops(LoopResources loops) {
		List<EventExecutor> all = new ArrayList<>();
		loops.onServer(LoopResources.DEFAULT_NATIVE).forEach(all::add);
		return all;
	}

	/** For as long as the test says, as a loop does that finds no end. */
	private void hang() {
		this.hanging.set(true);
		boolean turning = true;
		while (turning) {
			turning = !this.released.get();
		}
	}

}
