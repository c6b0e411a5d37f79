package dev.agentsessions.write.batch;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.session.ChangedDetails;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.write.ContextChange;
import dev.agentsessions.write.ContextChange.Compared;
import dev.agentsessions.write.IdempotencyKey;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Write.Fate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Batches of all kinds of writes to a few sessions do what the same writes do one after
 * the other.
 */
class DecisionPropertyTest {

	private static final int BATCHES = 20_000;

	private static final Instant BEGIN = Instant.parse("2026-01-31T12:00:00Z");

	private final long seed = Long.getLong("seed", System.nanoTime());

	private final Random random = new Random(this.seed);

	private final ModelStore oneByOne = new ModelStore();

	private final ModelStore inBatches = new ModelStore();

	/** What was sent lately, to be sent again. */
	private final List<List<NewMessage>> sent = new ArrayList<>();

	private final Map<String, Integer> outcomes = new TreeMap<>();

	@Test
	void batchesDoWhatTheirWritesDoOneByOne() {
		System.out.println("decisions: seed " + this.seed);
		ModelBatch batches = new ModelBatch(this.inBatches);
		for (int n = 0; n < BATCHES; n++) {
			// the clock of another server may be behind
			Instant now = BEGIN.plusSeconds(n - this.random.nextInt(3));
			List<Write> batch = batch();
			List<String> expected = batch.stream().map((write) -> this.oneByOne.write(write, now)).toList();
			assertThat(batches.write(batch, now)).as("seed %d, batch %d %s", this.seed, n, batch).isEqualTo(expected);
			assertThat(this.inBatches.dump()).as("seed %d, batch %d %s", this.seed, n, batch)
				.isEqualTo(this.oneByOne.dump());
			expected.forEach((outcome) -> this.outcomes.merge(outcome.split(" ")[0], 1, Integer::sum));
			this.oneByOne.removed.clear();
			this.inBatches.removed.clear();
		}
		assertThat(this.outcomes).as("everything happens often enough to be tested")
			.containsOnlyKeys("done", "again", "session-deleted", "session-not-found", "session-exists",
					"session-not-deleted", "sequence-conflict", "busy", "agent-conflict", "agent-context-not-found",
					"idempotency-key-reused", "message-exists")
			.allSatisfy((outcome, count) -> assertThat(count).isGreaterThan(BATCHES / 200));
	}

	private List<Write> batch() {
		List<Write> batch = new ArrayList<>();
		int size = 1 + this.random.nextInt(8);
		while (batch.size() < size) {
			Write write = write(new SessionKey("tenant", "s" + this.random.nextInt(3)));
			batch.add(write);
			if (write.endsBatch()) {
				break;
			}
		}
		return batch;
	}

	private Write write(SessionKey session) {
		ModelStore.Session known = this.oneByOne.sessions.get(session);
		return switch (this.random.nextInt(24)) {
			case 0 -> Write.create(session, ChangedDetails.random(this.random, false));
			case 1 -> Write.details(session, ChangedDetails.random(this.random, false));
			case 2 -> Write.fate(session, Fate.DELETED);
			case 3, 4 -> Write.fate(session, Fate.RESTORED);
			case 5 -> Write.fate(session, (this.random.nextInt(3) == 0) ? Fate.REMOVED : Fate.DELETED);
			case 6, 7 -> Write.agentSwitch(session, agentSwitch(), key());
			case 8 -> Write.context(session, ContextChange.removal());
			case 9, 10, 11 -> Write.context(session, change(known));
			case 12, 13, 14 -> Write.history(session, log(known), 0, this.random.nextBoolean() && known != null,
					messages(this.random.nextInt(3)), null, this.random.nextBoolean() ? null : BEGIN);
			case 15 -> Write.lines(session, messages(1 + this.random.nextInt(3)), true, this.random.nextBoolean());
			case 16, 17, 18 -> Write.append(session, messages(1 + this.random.nextInt(3)), this.random.nextBoolean(),
					last(known), key());
			default -> Write.turn(session, this.random.nextBoolean(), last(known), key(),
					messages(this.random.nextInt(3)), this.random.nextBoolean() ? agentSwitch() : null, json(),
					this.random.nextBoolean() ? ChangedDetails.random(this.random, true) : null);
		};
	}

	private LogRange log(ModelStore.@Nullable Session known) {
		return (known == null) ? LogRange.NONE
				: new LogRange(known.id, known.first, known.last + this.random.nextInt(8) / 7);
	}

	private @Nullable Long last(ModelStore.@Nullable Session known) {
		return this.random.nextBoolean() ? null
				: ((known != null) ? known.last : 0) + this.random.nextInt(3) - this.random.nextInt(2);
	}

	private @Nullable IdempotencyKey key() {
		return this.random.nextBoolean() ? null
				: new IdempotencyKey("k" + this.random.nextInt(40), "f" + this.random.nextInt(2), () -> "");
	}

	private NewSwitch agentSwitch() {
		return new NewSwitch(this.random.nextBoolean() ? null : agent(), agent(), null, json(), null);
	}

	private ContextChange change(ModelStore.@Nullable Session known) {
		boolean compares = this.random.nextBoolean() && known != null;
		boolean replaced = this.random.nextBoolean();
		int stored = (known != null && known.context != null) ? known.context.switches.size() : 0;
		List<NewSwitch> switches = IntStream.range(0, this.random.nextInt(3))
			.mapToObj((i) -> new NewSwitch(agent(), agent(), null, null, this.random.nextBoolean() ? null : BEGIN))
			.toList();
		return new ContextChange(agent(), json(), this.random.nextBoolean() ? null : BEGIN,
				this.random.nextBoolean() ? null : (long) this.random.nextInt(9), compares ? switches : null,
				compares ? new Compared(known.id, known.lastSwitchNo, stored, replaced) : null, false);
	}

	private @Nullable JsonText json() {
		return this.random.nextBoolean() ? null : new JsonText("{\"n\":" + this.random.nextInt() + "}");
	}

	private String agent() {
		return "a" + this.random.nextInt(3);
	}

	private List<NewMessage> messages(int count) {
		if (!this.sent.isEmpty() && this.random.nextInt(4) == 0) {
			return this.sent.get(this.random.nextInt(this.sent.size()));
		}
		int ids = this.random.nextInt(40);
		List<NewMessage> messages = IntStream.range(0, count)
			.mapToObj((i) -> new NewMessage(this.random.nextBoolean() ? null : "m" + (ids + 7 * i) % 40, "user",
					"text " + this.random.nextInt(), null, null, null, null,
					this.random.nextBoolean() ? null : (long) this.random.nextInt(100), null, null))
			.toList();
		this.sent.add(messages);
		if (this.sent.size() > 8) {
			this.sent.remove(0);
		}
		return messages;
	}

}
