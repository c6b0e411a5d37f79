package dev.agentsessions.paging;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Pages of several buckets are those of one.
 */
class MergedTest {

	@Test
	void walkingThroughAllBucketsMeetsEachOnceInItsOrder() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		for (int round = 0; round < 200; round++) {
			List<List<Integer>> buckets = IntStream.range(0, 1 + random.nextInt(5))
				.mapToObj((bucket) -> new ArrayList<Integer>())
				.collect(ArrayList::new, List::add, List::addAll);
			List<Integer> all = IntStream.range(0, random.nextInt(60)).boxed().toList();
			all.forEach((number) -> buckets.get(random.nextInt(buckets.size())).add(number));
			int limit = 1 + random.nextInt(7);
			List<Integer> met = new ArrayList<>();
			for (List<Integer> page = page(buckets, -1, limit); !page.isEmpty(); page = page(buckets,
					page.get(page.size() - 1), limit)) {
				assertThat(page).as("seed " + seed).hasSizeLessThanOrEqualTo(limit);
				met.addAll(page);
			}
			assertThat(met).as("seed " + seed).isEqualTo(all);
		}
	}

	private static List<Integer> page(List<List<Integer>> buckets, int after, int limit) {
		return Merged.first(buckets.stream()
			.map((bucket) -> bucket.stream().filter((number) -> number > after).limit(limit).toList())
			.toList(), Comparator.naturalOrder(), limit, (number) -> 0);
	}

}
