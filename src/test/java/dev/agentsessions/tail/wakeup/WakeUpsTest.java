package dev.agentsessions.tail.wakeup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

import dev.agentsessions.session.SessionKey;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Hints between replicas: one under way at a time, together what came up meanwhile, and
 * none that nobody wants.
 */
class WakeUpsTest {

	private final List<String> sent = new ArrayList<>();

	private final WakeUps wakeUps = new WakeUps(this.sent::add);

	@Test
	void nobodyIsToldWhatNobodyWants() {
		this.wakeUps.written(key(1));
		this.wakeUps.setWanted(true);
		this.wakeUps.setWanted(false);
		this.wakeUps.written(key(1));
		assertThat(this.sent).isEmpty();
	}

	@Test
	void theSlowerTheDatabaseTheFewerHintsItGetsWithinBounds() {
		assertThat(rest(0, 100)).isEqualTo(4);
		assertThat(rest(1, 100)).isEqualTo(8);
		assertThat(rest(3, 100)).isEqualTo(24);
		assertThat(rest(2000, 100)).isEqualTo(40);
		assertThat(rest(2000, 5000)).isEqualTo(40);
	}

	@Test
	void whereFewSessionsAreWrittenToNobodyWaitsForLong() {
		assertThat(rest(0, 1)).isEqualTo(4);
		assertThat(rest(1, 1)).isEqualTo(8);
		assertThat(rest(2000, 1)).isEqualTo(10);
		assertThat(rest(2000, 40)).isEqualTo(10);
	}

	/** In milliseconds, after a hint that names so many sessions. */
	private long rest(int tookMillis, int sessions) {
		List<String> payloads = new ArrayList<>();
		WakeUps some = new WakeUps(payloads::add);
		some.setWanted(true);
		some.written(key(-1));
		IntStream.range(0, sessions).forEach((i) -> some.written(key(i)));
		some.sent();
		return WakeUps.rest(Duration.ofMillis(tookMillis), payloads.get(1)).toMillis();
	}

	@Test
	void whatComesUpWhileOneIsSentGoesTogetherInTheNext() {
		this.wakeUps.setWanted(true);
		for (int i = 0; i < 10; i++) {
			this.wakeUps.written(key(i % 4));
		}
		assertThat(this.sent).hasSize(1);
		this.wakeUps.sent();
		assertThat(this.sent).hasSize(2);
		assertThat(WakeUps.numbers(this.sent.get(0))).containsExactly(key(0).number());
		assertThat(WakeUps.numbers(this.sent.get(1)))
			.isEqualTo(Set.of(key(0).number(), key(1).number(), key(2).number(), key(3).number()));
		this.wakeUps.sent();
		assertThat(this.sent).hasSize(2);
	}

	/** From several threads at once, while each payload is still under way. */
	@Test
	void noHintIsLeftBehind() {
		Set<Integer> told = ConcurrentHashMap.newKeySet();
		AtomicReference<WakeUps> hints = new AtomicReference<>();
		hints.set(new WakeUps((payload) -> {
			told.addAll(WakeUps.numbers(payload));
			ForkJoinPool.commonPool().execute(() -> hints.get().sent());
		}));
		hints.get().setWanted(true);
		for (int round = 0; round < 200; round++) {
			int first = round * 8;
			IntStream.range(first, first + 8).parallel().forEach((i) -> hints.get().written(key(i)));
			Awaitility.await("round " + round)
				.pollDelay(Duration.ZERO)
				.pollInterval(Duration.ofMillis(1))
				.atMost(Duration.ofSeconds(5))
				.until(() -> IntStream.range(first, first + 8).allMatch((i) -> told.contains(key(i).number())));
		}
	}

	@Test
	void tooManySessionsAreAllOfThem() {
		this.wakeUps.setWanted(true);
		IntStream.range(0, 5000).forEach((i) -> this.wakeUps.written(key(i)));
		this.wakeUps.sent();
		assertThat(this.sent.get(1)).hasSizeLessThan(8000);
		assertThat(WakeUps.numbers(this.sent.get(1))).isEmpty();
	}

	@Test
	void aHintOfAnotherKindIsOneForAll() {
		assertThat(WakeUps.numbers("something new")).isEmpty();
		assertThat(WakeUps.numbers("")).isEmpty();
	}

	private static SessionKey key(int number) {
		return new SessionKey("default", "session " + number);
	}

}
