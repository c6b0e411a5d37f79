package dev.agentsessions.database;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which buckets are looked at in which round.
 */
class BucketTurnsTest {

	@Test
	void fewAreLookedAtInEachRound() {
		for (int count : new int[] { 1, 2, 8 }) {
			BucketTurns turns = new BucketTurns(new Buckets(count));
			for (int round = 0; round < 3; round++) {
				assertThat(turns.next()).hasSize(count).doesNotHaveDuplicates();
			}
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 9, 16, 63, 64, 128 })
	void eachHasItsTurnWithinFourRounds(int count) {
		BucketTurns turns = new BucketTurns(new Buckets(count));
		for (int n = 0; n < 5; n++) {
			Set<Integer> seen = new HashSet<>();
			for (int round = 0; round < 4; round++) {
				List<Integer> next = turns.next();
				assertThat(next).hasSize(Math.max(8, (count + 3) / 4));
				seen.addAll(next);
			}
			assertThat(seen).hasSize(count);
		}
	}

	@Test
	void whatIsInAHurryIsNextAndThenNoLonger() {
		BucketTurns turns = new BucketTurns(new Buckets(64));
		turns.hurry(40);
		turns.hurry(40);
		turns.hurry(3);
		assertThat(turns.next()).hasSize(17).doesNotHaveDuplicates().contains(3, 40);
		assertThat(turns.next()).hasSize(16).doesNotContain(3, 40);
	}

	@Test
	void whenAllAreInAHurryNoneWaitsForLong() {
		BucketTurns turns = new BucketTurns(new Buckets(64));
		Set<Integer> seen = new HashSet<>();
		for (int round = 0; round < 3; round++) {
			IntStream.range(0, 64).forEach(turns::hurry);
			List<Integer> next = turns.next();
			assertThat(next).hasSize(32).doesNotHaveDuplicates();
			seen.addAll(next);
		}
		assertThat(seen).hasSize(64);
	}

	@Test
	void oneThatFailsDoesNotKeepTheOthersFromTheirTurn() {
		StepVerifier
			.create(new BucketTurns(new Buckets(3))
				.round((bucket) -> (bucket == 1) ? Mono.error(new IllegalStateException("away")) : Flux.just(bucket)))
			.expectNext(0, 2)
			.verifyErrorMessage("away");
	}

}
