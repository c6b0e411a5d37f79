package dev.agentsessions.tail.event;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

import dev.agentsessions.agent.LoggedSwitch;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionState;
import dev.agentsessions.tail.hub.TestTail;
import dev.agentsessions.view.View;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The one order of events, in parts of any size. Messages are tested through HTTP; this
 * is about switches, gaps among them, and ends.
 */
class TailMergeTest {

	private static final SessionKey KEY = new SessionKey("default", "s");

	@Test
	void numbersWithoutASwitchAreToldOnce() {
		TailStep step = read(new Position(0, 0, 1, 0, false), state(0, 7, false), switches(3, 4, 7));
		assertThat(step.events()).extracting((event) -> event.after().switchNo()).containsExactly(2L, 3L, 4L, 6L, 7L);
		assertThat(new String(step.events().get(0).bytes(TestTail.ROWS))).contains("event: agent_history_replaced\n");
		assertThat(step.reached()).isEqualTo(Position.endOf(state(0, 7, false)));
	}

	/**
	 * Under one position, or who comes back to the first one would not hear of the other.
	 */
	@Test
	void theAgentsOfAnEarlierSessionOfTheSameNameWentWithIt() {
		TailStep step = read(new Position(0, 4, 7, 0, false), state(0, 1, false), switches(1));
		assertThat(ids(step)).hasSize(2);
		assertThat(ids(step).get(0)).matches("(?s)event: history_replaced\ndata: [^\n]*\n\n"
				+ "id: 0-0-[^\n]*\nevent: agent_history_replaced\ndata: [^\n]*\n\n");
		assertThat(new String(step.events().get(0).bytes("the id", "s")))
			.matches("(?s)event: history_replaced\ndata: \\{\"session_id\":\"s\",\"first_seq\":1,[^\n]*\n\n"
					+ "id: the id\nevent: agent_history_replaced\ndata: \\{\"session_id\":\"s\",[^\n]*\n\n");
		assertThat(ids(step).get(1)).contains("event: agent_switch\n");
	}

	@Test
	void switchesThatAreNewerThanTheStateAreLeftForLater() {
		TailStep step = read(new Position(0, 1, 1, 0, false), state(0, 3, false), switches(2, 3, 4, 5));
		assertThat(step.events()).extracting((event) -> event.after().switchNo()).containsExactly(2L, 3L);
	}

	@Test
	void theEndIsToldOnce() {
		Position end = new Position(0, 0, 1, 0, false);
		TailStep step = read(end, state(0, 0, true), List.of());
		assertThat(step.events()).hasSize(1);
		assertThat(step.reached().gone()).isTrue();
		assertThat(read(step.reached(), state(0, 0, true), List.of()).events()).isEmpty();
		TailStep restored = read(step.reached(), state(0, 0, false), List.of());
		assertThat(restored.events()).isEmpty();
		assertThat(restored.reached()).isEqualTo(end);
		assertThat(TailStep.removed(end).events()).hasSize(1);
		assertThat(TailStep.removed(Position.NONE).events()).isEmpty();
	}

	@Test
	void inPartsItIsTheSameAsAtOnce() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		for (int round = 0; round < 200; round++) {
			long last = random.nextInt(40);
			SessionState state = state(0, last, random.nextBoolean());
			List<LoggedSwitch> all = LongStream.rangeClosed(1, last)
				.filter((no) -> random.nextInt(3) > 0)
				.mapToObj((no) -> new LoggedSwitch(no, 0, new byte[] { '{', '}' }))
				.toList();
			List<String> whole = ids(read(new Position(0, 0, 1, 0, false), state, all));
			Position position = new Position(0, 0, 1, 0, false);
			List<String> parts = new ArrayList<>();
			while (!position.equals(Position.endOf(state))) {
				long from = position.switchNo();
				int limit = 1 + random.nextInt(5);
				List<LoggedSwitch> next = all.stream().filter((each) -> each.no() > from).limit(limit).toList();
				long known = (next.size() < limit) ? last : next.get(limit - 1).no();
				TailStep step = new TailMerge(position, state).with(List.of(), next, known);
				parts.addAll(ids(step));
				position = step.reached();
			}
			assertThat(parts).as("seed %d", seed).isEqualTo(whole);
		}
	}

	private static List<String> ids(TailStep step) {
		return step.events().stream().map((event) -> new String(event.bytes(TestTail.ROWS))).toList();
	}

	private static TailStep read(Position from, SessionState state, List<LoggedSwitch> switches) {
		return new TailMerge(from, state).with(List.of(), switches, state.lastSwitchNo());
	}

	private static List<LoggedSwitch> switches(long... numbers) {
		return LongStream.of(numbers).mapToObj((no) -> new LoggedSwitch(no, 0, new byte[] { '{', '}' })).toList();
	}

	private static SessionState state(long lastSeq, long lastSwitchNo, boolean deleted) {
		return new SessionState(KEY, 1, 1, lastSeq, lastSwitchNo, 0, deleted, View.numbered(0));
	}

}
