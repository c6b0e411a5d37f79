package dev.agentsessions.tail.draft.hub;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

import dev.agentsessions.Json;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.tail.draft.store.DraftPiece;
import dev.agentsessions.tail.draft.store.DraftRow;
import dev.agentsessions.tail.event.TailEvent;
import dev.agentsessions.tail.hub.TestTail;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What followers of any pace make of a draft that grows, is cut off, and grows again.
 */
class DraftTest {

	private static final List<String> LETTERS = List.of("a", "é", "語", "🙂", "\"", "\n", "\u2028");

	private final DraftMemory memory = new DraftMemory(10_000_000);

	private final Draft draft = draft("m", this.memory);

	@Test
	void everyFollowerAlwaysHasAPrefixOfTheText(TestReporter reporter) {
		long seed = new Random().nextLong();
		reporter.publishEntry("seed", Long.toString(seed));
		Random random = new Random(seed);
		List<Copy> copies = IntStream.range(0, 4).mapToObj((i) -> new Copy(this.draft)).toList();
		StringBuilder said = new StringBuilder();
		int stored = 0;
		long no = 1;
		for (int step = 0; step < 1000; step++) {
			int choice = random.nextInt(100);
			if (choice < 60) {
				String piece = piece(random, random.nextInt(200) == 0 ? 20_000 : random.nextInt(20));
				said.append(piece);
				if (this.draft.writer() == null) {
					DraftPiece copied = new DraftPiece(this.draft.length(), piece);
					this.draft.addStored(List.of(copied));
					stored = said.length();
				}
				else {
					assertThat(this.draft.add(this.draft.writer(), piece)).isTrue();
				}
			}
			else if (choice < 70) {
				DraftWriter writer = this.draft.writer();
				if (writer != null) {
					assertThat(this.draft.flush(writer, "here").text()).isEqualTo(said.substring(stored));
					this.draft.storedUpTo(writer, this.draft.length());
					stored = said.length();
				}
			}
			else if (choice < 72) {
				no++;
				said.setLength(stored);
				if (random.nextBoolean()) {
					this.draft.writtenBy(writer(), 1, no, 1);
				}
				else {
					this.draft.writtenElsewhere(no);
				}
			}
			Copy copy = copies.get(random.nextInt(1 + random.nextInt(copies.size())));
			copy.takeSome(random.nextInt(3));
			assertThat(this.draft.text()).as("seed %d, step %d", seed, step).isEqualTo(said.toString());
		}
		for (Copy copy : copies) {
			copy.takeSome(Integer.MAX_VALUE);
			assertThat(copy.text).as("seed %d", seed).isEqualTo(said.toString());
		}
	}

	@Test
	void aSlowFollowerGetsLongerPiecesNotMore() {
		DraftWriter writer = writer();
		this.draft.writtenBy(writer, 1, 1, 1);
		Copy slow = new Copy(this.draft);
		slow.takeSome(1);
		for (int i = 0; i < 1000; i++) {
			this.draft.add(writer, "word ");
		}
		assertThat(slow.takeSome(Integer.MAX_VALUE)).isEqualTo(1);
		assertThat(slow.text).isEqualTo("word ".repeat(1000));
	}

	@Test
	void followersOfOnePaceShareTheBytesOfAnEvent() {
		DraftWriter writer = writer();
		this.draft.writtenBy(writer, 1, 1, 1);
		Draft.Told one = new Draft.Told(this.draft);
		Draft.Told other = new Draft.Told(this.draft);
		this.draft.next(one);
		this.draft.next(other);
		this.draft.add(writer, "shared");
		assertThat(this.draft.next(one).bytes(TestTail.ROWS)).isSameAs(this.draft.next(other).bytes(TestTail.ROWS));
	}

	@Test
	void itsMemoryIsBoundedAndGivenBack() {
		Draft large = draft("large", new DraftMemory(2000));
		DraftWriter writer = writer();
		large.writtenBy(writer, 1, 1, 1);
		assertThat(large.add(writer, "x".repeat(900))).isTrue();
		assertThat(large.add(writer, "x".repeat(200))).isFalse();
		assertThat(large.length()).isEqualTo(900);
		this.draft.writtenBy(writer, 1, 1, 1);
		this.draft.add(writer, "x".repeat(10_000));
		assertThat(this.memory.taken()).isEqualTo(10_000);
		this.draft.end(DraftEnd.DISCARDED);
		this.draft.add(writer, "nobody needs it");
		assertThat(this.memory.taken()).isZero();
	}

	@Test
	void aTenantHasHalfOfTheMemoryAtMost() {
		DraftMemory shared = new DraftMemory(1000);
		assertThat(shared.take("one", 500)).isTrue();
		assertThat(shared.take("one", 1)).isFalse();
		assertThat(shared.take("another", 300)).isTrue();
		assertThat(shared.take("third", 201)).isFalse();
		shared.giveBack("one", 1);
		assertThat(shared.take("third", 201)).isTrue();
		assertThat(shared.taken()).isEqualTo(1000);
	}

	@Test
	void whoWasTakenOverAddsNothing() {
		DraftWriter before = writer();
		DraftWriter next = writer();
		this.draft.writtenBy(before, 1, 1, 1);
		this.draft.writtenBy(next, 1, 2, 1);
		this.draft.add(next, "new");
		assertThatExceptionOfType(ProblemException.class).isThrownBy(() -> this.draft.add(before, "old"))
			.satisfies((error) -> assertThat(error.problem().name()).isEqualTo("draft-taken"));
		assertThat(this.draft.text()).isEqualTo("new");
	}

	/** It has no text then, and whoever goes on with it needs none. */
	@Test
	void nothingHasToBeReadOfADraftThatIsOver() {
		assertThat(this.draft.isHere(5)).isFalse();
		this.draft.end(new DraftEnd(8L));
		assertThat(this.draft.isHere(5)).isTrue();
	}

	private static Draft draft(String messageId, DraftMemory memory) {
		return new Draft(DraftRow.begun(1, messageId, "here", Instant.EPOCH, 1, 0), "default", memory, 0);
	}

	private static DraftWriter writer() {
		return new DraftWriter(null, 1, null, 1, null, null, () -> null);
	}

	private static String piece(Random random, int letters) {
		StringBuilder piece = new StringBuilder();
		for (int i = 0; i < letters; i++) {
			piece.append(LETTERS.get(random.nextInt(LETTERS.size())));
		}
		return piece.toString();
	}

	/** What a follower makes of what it is told. */
	private static final class Copy {

		private final Draft draft;

		private final Draft.Told told;

		private String text = "";

		Copy(Draft draft) {
			this.draft = draft;
			this.told = new Draft.Told(draft);
		}

		int takeSome(int most) {
			List<TailEvent> taken = new ArrayList<>();
			for (TailEvent event = next(most, taken.size()); event != null; event = next(most, taken.size())) {
				taken.add(event);
				String frame = new String(event.bytes(TestTail.ROWS), StandardCharsets.UTF_8);
				assertThat(frame).startsWith("event: draft\ndata: {").endsWith("}\n\n");
				JsonNode data = Json.parse(frame.substring("event: draft\ndata: ".length()));
				int offset = data.path("offset").intValue();
				this.text = this.text.substring(0, this.text.offsetByCodePoints(0, offset))
						+ data.path("text").stringValue();
				assertThat(this.draft.text()).startsWith(this.text);
			}
			return taken.size();
		}

		private @Nullable TailEvent next(int most, int taken) {
			return (taken < most) ? this.draft.next(this.told) : null;
		}

	}

}
