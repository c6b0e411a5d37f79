package dev.agentsessions.message.history;

import java.util.Random;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The longest run that two sequences have in common.
 */
class CommonRunTest {

	@Test
	void isTheLongestAndOfTwoTheLaterInTheView() {
		assertThat(find(new int[] { 1, 2, 3 }, new int[] { 2, 3, 4 })).isEqualTo(new CommonRun(1, 0, 2));
		assertThat(find(new int[] { 1, 2, 9, 1, 2 }, new int[] { 1, 2 })).isEqualTo(new CommonRun(3, 0, 2));
		assertThat(find(new int[] { -1, -1 }, new int[] { 1 })).isEqualTo(CommonRun.NONE);
		assertThat(find(new int[] {}, new int[] { 1 })).isEqualTo(CommonRun.NONE);
	}

	@Test
	void isWhatTryingAllRunsFinds() {
		long seed = Long.getLong("seed", System.nanoTime());
		System.out.println("common runs: seed " + seed);
		Random random = new Random(seed);
		for (int n = 0; n < 3000; n++) {
			int[] view = random.ints(random.nextInt(12), -1, 3).toArray();
			int[] sent = random.ints(1 + random.nextInt(12), 0, 3).toArray();
			CommonRun found = find(view, sent);
			CommonRun expected = tryAll(view, sent);
			assertThat(found.length()).as("seed %d, %d", seed, n).isEqualTo(expected.length());
			assertThat(found.viewFrom()).as("seed %d, %d", seed, n).isEqualTo(expected.viewFrom());
			assertThat(length(view, (int) found.viewFrom(), sent, found.sentFrom())).as("seed %d, %d", seed, n)
				.isGreaterThanOrEqualTo(found.length());
		}
	}

	private static CommonRun find(int[] view, int[] sent) {
		CommonRun.Finder finder = new CommonRun.Finder(sent);
		for (int i = 0; i < view.length; i++) {
			finder.next(i, view[i]);
		}
		return finder.longest();
	}

	private static CommonRun tryAll(int[] view, int[] sent) {
		CommonRun best = CommonRun.NONE;
		for (int i = 0; i < view.length; i++) {
			for (int j = 0; j < sent.length; j++) {
				int length = length(view, i, sent, j);
				if (length > 0 && length >= best.length()) {
					best = new CommonRun(i, j, length);
				}
			}
		}
		return best;
	}

	private static int length(int[] view, int i, int[] sent, int j) {
		int length = 0;
		while (i + length < view.length && j + length < sent.length && view[i + length] == sent[j + length]) {
			length++;
		}
		return length;
	}

}
