package dev.agentsessions.database;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import dev.agentsessions.session.SessionKey;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which bucket something is in.
 */
class BucketsTest {

	/** Else the sessions of a store would be where nobody looks. */
	@Test
	void aSessionIsInTheSameBucketForEver() {
		Buckets buckets = new Buckets(16);
		assertThat(List.of("a", "b", "session-1", "Сессия", "0198c5f0-7a4e-7cc1-b5d1-5f3b2a1c9e77"))
			.extracting((name) -> buckets.of(new SessionKey("default", name)))
			.containsExactly(10, 13, 10, 10, 0);
		assertThat(buckets.of(new SessionKey("other", "a"))).isZero();
	}

	@Test
	void sessionsAreSpreadEvenly() {
		Buckets buckets = new Buckets(16);
		Map<Integer, Integer> sizes = new HashMap<>();
		IntStream.range(0, 16_000)
			.forEach((i) -> sizes.merge(buckets.of(new SessionKey("default", "session-" + i)), 1, Integer::sum));
		assertThat(sizes).hasSize(16).allSatisfy((bucket, size) -> assertThat(size).isBetween(850, 1150));
	}

	@Test
	void anIdTellsItsBucketAndKeepsTheOrderOfTheCounter() {
		for (int count : new int[] { 1, 2, 3, 16, 128 }) {
			Buckets buckets = new Buckets(count);
			long last = 0;
			for (long counted = 1; counted < 300; counted++) {
				int bucket = (int) (counted * 7 % count);
				long id = buckets.rowId(counted, bucket);
				assertThat(buckets.ofRow(id)).isEqualTo(bucket);
				assertThat(id).isGreaterThan(last);
				last = id;
			}
		}
	}

	@Test
	void withOneBucketAnIdIsWhatTheTableCounts() {
		assertThat(new Buckets(1).rowId(41, 0)).isEqualTo(41);
		assertThat(new Buckets(1).ofRow(41)).isZero();
		assertThat(new Buckets(1).schema(0)).isEmpty();
		assertThat(new Buckets(1).qualifier(0)).isEmpty();
	}

}
