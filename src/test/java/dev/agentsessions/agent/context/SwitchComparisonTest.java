package dev.agentsessions.agent.context;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import dev.agentsessions.agent.AgentSwitch;
import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.paging.PagePieces;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How a history is compared with what is stored: in few pieces, none of them large.
 */
class SwitchComparisonTest {

	private static final int MEGABYTE = 1 << 20;

	@Test
	void smallSwitchesAreReadInFewPieces() {
		assertThat(pieces(0, 0, 5)).containsExactly(0);
		assertThat(pieces(5, 100, 5)).containsExactly(5);
		assertThat(pieces(5, 100, 0)).containsExactly(1);
		assertThat(pieces(1000, 100, 1000)).containsExactly(32, 128, 512, 328);
		assertThat(pieces(1000, 100, 1001)).containsExactly(32, 128, 512, 328);
	}

	@Test
	void largeSwitchesAreReadAFewAtATime() {
		assertThat(pieces(9, MEGABYTE, 9)).containsExactly(2, 2, 2, 2, 1);
		assertThat(pieces(3, 5 * MEGABYTE, 9)).containsExactly(1, 1, 1, 0);
	}

	@Test
	void endsWithTheFirstThatDiffers() {
		List<NewSwitch> sent = new ArrayList<>(sent(100));
		sent.set(40, new NewSwitch(null, "other", null, null, null));
		SwitchComparison first = SwitchComparison.begin(sent).next(stored(0, 32, 10), sent);
		SwitchComparison second = first.next(stored(32, 68, 10), sent);
		assertThat(first.differs() || first.isOver()).isFalse();
		assertThat(second).returns(true, SwitchComparison::isOver)
			.returns(true, SwitchComparison::differs)
			.returns(40, SwitchComparison::same);
	}

	/** How many switches are read each time, with histories that are the same. */
	private static List<Integer> pieces(int count, int bytes, int sent) {
		List<Integer> pieces = new ArrayList<>();
		SwitchComparison comparison = SwitchComparison.begin(sent(sent));
		while (!comparison.isOver()) {
			int fitting = (int) Math.min(count, 1 + (PagePieces.MOST_BYTES - 1) / Math.max(1, bytes));
			int from = (int) comparison.lastNo();
			List<AgentSwitch> read = stored(from, Math.min(comparison.most(), Math.min(fitting, count - from)), bytes);
			pieces.add(read.size());
			comparison = comparison.next(read, sent(sent));
		}
		assertThat(comparison.differs()).isEqualTo(count > sent);
		assertThat(comparison.same()).isEqualTo(Math.min(count, sent));
		return pieces;
	}

	private static List<AgentSwitch> stored(int from, int count, int bytes) {
		JsonText metadata = new JsonText("x".repeat(bytes));
		List<AgentSwitch> stored = new ArrayList<>();
		for (int i = 1; i <= count; i++) {
			stored.add(new AgentSwitch(from + i, null, "a", Instant.EPOCH, null, metadata, 0));
		}
		return stored;
	}

	private static List<NewSwitch> sent(int count) {
		return Collections.nCopies(count, new NewSwitch(null, "a", null, null, null));
	}

}
