package dev.agentsessions.write.batch;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.message.TestMessages;
import dev.agentsessions.session.ChangedDetails;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.write.ContextChange;
import dev.agentsessions.write.ContextChange.Compared;
import dev.agentsessions.write.IdempotencyKey;
import dev.agentsessions.write.LockedSession;
import dev.agentsessions.write.LockedSession.KnownMessage;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Write.Fate;
import dev.agentsessions.write.Written;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * What is decided on one write to one session: each reason to refuse it, which of several
 * comes first, and what is no reason.
 */
class DecisionTest {

	private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

	private static final SessionKey KEY = new SessionKey("tenant", "session");

	private static final LockedSession NONE = LockedSession.missing(KEY, 7, 8);

	/** Has messages 1 to 3, held by "one". */
	private static final LockedSession HELD = of(Decision
		.of(of(Decision.of(NONE, Write.append(KEY, messages(3), true, null, null), NOW)), Write.agentSwitch(KEY,
				new NewSwitch(null, "one", null, null, null), new IdempotencyKey("used", "first", () -> "")), NOW));

	private static final LockedSession FREE = of(
			Decision.of(NONE, Write.append(KEY, messages(3), true, null, null), NOW));

	private static final LockedSession DELETED = of(Decision.of(HELD, Write.fate(KEY, Fate.DELETED), NOW));

	static Stream<Arguments> refused() {
		return Stream.of(
				// there, not there, deleted
				arguments(NONE, append(false, null, null), "session-not-found"),
				arguments(NONE, Write.details(KEY, ChangedDetails.metadata(JsonText.EMPTY_OBJECT)),
						"session-not-found"),
				arguments(NONE, switchFrom(null, null), "session-not-found"),
				arguments(NONE, Write.context(KEY, ContextChange.removal()), "session-not-found"),
				arguments(NONE, Write.fate(KEY, Fate.DELETED), "session-not-found"),
				arguments(NONE, Write.fate(KEY, Fate.REMOVED), "session-not-found"),
				arguments(NONE, Write.fate(KEY, Fate.RESTORED), "session-not-found"),
				arguments(HELD, Write.create(KEY, ChangedDetails.metadata(null)), "session-exists"),
				arguments(HELD, Write.fate(KEY, Fate.RESTORED), "session-not-deleted"),
				arguments(DELETED, append(true, null, null), "session-deleted"),
				arguments(DELETED, switchFrom(null, null), "session-deleted"),
				arguments(DELETED, Write.create(KEY, ChangedDetails.metadata(null)), "session-deleted"),
				arguments(DELETED, Write.details(KEY, ChangedDetails.metadata(JsonText.EMPTY_OBJECT)),
						"session-deleted"),
				arguments(DELETED, Write.context(KEY, ContextChange.removal()), "session-deleted"),
				arguments(DELETED, Write.history(KEY, DELETED.log(), 0, false, messages(1), null, null),
						"session-deleted"),
				arguments(DELETED, Write.fate(KEY, Fate.DELETED), "session-deleted"),
				// conditions
				arguments(HELD, append(true, 2L, null), "sequence-conflict"),
				arguments(HELD, append(true, 4L, null), "sequence-conflict"),
				arguments(NONE, append(true, 1L, null), "sequence-conflict"),
				arguments(HELD, Write.history(KEY, LogRange.NONE, 0, false, messages(1), null, null), "busy"),
				arguments(HELD, Write.history(KEY, new LogRange(7, 1, 2), 0, false, messages(1), null, null), "busy"),
				arguments(HELD, Write.history(KEY, new LogRange(6, 1, 3), 0, false, messages(1), null, null), "busy"),
				arguments(NONE, Write.history(KEY, new LogRange(7, 1, 3), 0, false, messages(1), null, null), "busy"),
				// another session of that name
				arguments(NONE, Write.draftEnd(KEY, 7, messages(1).get(0)), "session-not-found"),
				arguments(HELD, Write.draftEnd(KEY, 6, messages(1).get(0)), "session-not-found"),
				arguments(DELETED, Write.draftEnd(KEY, 7, messages(1).get(0)), "session-deleted"),
				// agents
				arguments(HELD, switchFrom("other", null), "agent-conflict"),
				arguments(HELD, turnFrom("other", null), "agent-conflict"),
				arguments(FREE, Write.context(KEY, ContextChange.metadata(JsonText.EMPTY_OBJECT)),
						"agent-context-not-found"),
				arguments(FREE, Write.context(KEY, ContextChange.removal()), "agent-context-not-found"),
				arguments(HELD, compared(7, 0), "busy"), arguments(HELD, compared(6, 1), "busy"),
				// keys
				arguments(HELD, append(true, null, new IdempotencyKey("used", "second", () -> "")),
						"idempotency-key-reused"),
				// of several reasons the first
				arguments(DELETED, append(true, 9L, new IdempotencyKey("used", "second", () -> "")), "session-deleted"),
				arguments(HELD, append(true, 9L, new IdempotencyKey("used", "second", () -> "")),
						"idempotency-key-reused"),
				arguments(NONE, append(false, 9L, null), "session-not-found"),
				arguments(HELD, turnFrom("other", 9L), "sequence-conflict"));
	}

	@ParameterizedTest
	@MethodSource
	void refused(LockedSession session, Write write, String problem) {
		Decision decision = Decision.of(session, write, NOW);
		assertThat(decision.refusal()).isNotNull();
		assertThat(decision.refusal().problem().name()).isEqualTo(problem);
		assertThat(decision.changesAnything()).isFalse();
		assertThat(decision.after()).isSameAs(session);
	}

	static Stream<Arguments> done() {
		return Stream.of(arguments(NONE, append(true, 0L, null)),
				arguments(NONE, Write.create(KEY, ChangedDetails.metadata(null))),
				arguments(NONE, Write.history(KEY, LogRange.NONE, 0, false, messages(1), null, null)),
				arguments(HELD, append(false, 3L, null)), arguments(HELD, Write.draftEnd(KEY, 7, messages(1).get(0))),
				arguments(HELD, switchFrom("one", null)), arguments(FREE, switchFrom("whoever", null)),
				arguments(HELD, turnFrom("one", 3L)),
				arguments(HELD, Write.history(KEY, new LogRange(7, 1, 3), 0, true, messages(1), null, null)),
				arguments(HELD, compared(7, 1)), arguments(HELD, Write.context(KEY, ContextChange.removal())),
				arguments(DELETED, Write.fate(KEY, Fate.RESTORED)), arguments(DELETED, Write.fate(KEY, Fate.REMOVED)),
				arguments(HELD, Write.fate(KEY, Fate.REMOVED)));
	}

	@ParameterizedTest
	@MethodSource
	void done(LockedSession session, Write write) {
		Decision decision = Decision.of(session, write, NOW);
		assertThat(decision.refusal()).isNull();
		assertThat(decision.changesAnything()).isTrue();
	}

	@Test
	void aRetryIsAnsweredAsTheFirstTryWasWhateverHasChangedSince() {
		IdempotencyKey key = new IdempotencyKey("mine", "same", () -> "");
		Decision first = Decision.of(HELD, append(true, 3L, key), NOW);
		LockedSession later = of(Decision.of(of(first), append(true, null, null), NOW));
		Decision again = Decision.of(later, append(true, 3L, key), NOW.plusSeconds(1));
		assertThat(again.changesAnything()).isFalse();
		assertThat(again.written()).returns(true, Written::replayed)
			.returns(4L, Written::firstSeq)
			.returns(4L, Written::lastSeq)
			.returns(NOW, Written::at);
	}

	@Test
	void inOneBatchEachWriteIsDecidedOnWhatTheOnesBeforeLeave() {
		IdempotencyKey key = new IdempotencyKey("k", "f", () -> "");
		LockedSession session = NONE;
		List<Write> batch = List.of(Write.create(KEY, ChangedDetails.metadata(null)), append(false, 0L, key),
				append(false, 0L, null), switchFrom(null, null), switchFrom("other", null),
				Write.fate(KEY, Fate.DELETED), append(false, 0L, key), Write.fate(KEY, Fate.RESTORED),
				append(false, 0L, key));
		List<String> expected = List.of("done", "done", "sequence-conflict", "done", "agent-conflict", "done",
				"session-deleted", "done", "again");
		for (int n = 0; n < batch.size(); n++) {
			Decision decision = Decision.of(session, batch.get(n), NOW);
			assertThat(outcome(decision)).as("write %d", n).isEqualTo(expected.get(n));
			session = decision.after();
		}
		assertThat(session.lastSeq()).isEqualTo(1);
		assertThat(session.lastSwitchNo()).isEqualTo(1);
	}

	/** Another replica has made it, with the messages, between the two statements. */
	@Test
	void ofASessionThatCameToBeMeanwhileNothingIsKnown() {
		NewMessage message = TestMessages.text("user", "text").withId("a");
		LockedSession session = NONE.withKnown(Map.of("a", new KnownMessage(1, EncodedMessage.of(1, NOW, message))));
		Write save = Write.history(KEY, LogRange.NONE, 0, false, List.of(message), null, null);
		assertThat(outcome(Decision.of(session, save, NOW))).isEqualTo("done");
	}

	private static String outcome(Decision decision) {
		if (decision.refusal() != null) {
			return decision.refusal().problem().name();
		}
		return decision.changesAnything() ? "done" : "again";
	}

	private static LockedSession of(Decision decision) {
		LockedSession after = decision.after();
		// as it is read the next time: its context has a row
		return after.with(8, after.context(), Map.copyOf(after.kept()));
	}

	private static List<NewMessage> messages(int count) {
		return Collections.nCopies(count, TestMessages.text("user", "text"));
	}

	private static Write append(boolean create, @Nullable Long expectedLast, @Nullable IdempotencyKey key) {
		return Write.append(KEY, messages(1), create, expectedLast, key);
	}

	private static Write switchFrom(@Nullable String agent, @Nullable IdempotencyKey key) {
		return Write.agentSwitch(KEY, new NewSwitch(agent, "two", null, null, null), key);
	}

	private static Write turnFrom(String agent, @Nullable Long expectedLast) {
		return Write.turn(KEY, true, expectedLast, null, messages(1), new NewSwitch(agent, "two", null, null, null),
				null, null);
	}

	/** A context that was compared with this session, and this last switch of it. */
	private static Write compared(long session, long lastSwitchNo) {
		return Write.context(KEY, new ContextChange("two", null, null, null, List.of(),
				new Compared(session, lastSwitchNo, 1, false), false));
	}

}
