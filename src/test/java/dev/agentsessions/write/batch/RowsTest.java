package dev.agentsessions.write.batch;

import java.time.Instant;
import java.util.List;

import dev.agentsessions.message.LogRange;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.message.TestMessages;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.write.LockedSession;
import dev.agentsessions.write.Write;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which sessions whoever looks for changes by the last activity would overlook.
 */
class RowsTest {

	private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

	private static final SessionKey KEY = new SessionKey("tenant", "session");

	private static final LockedSession NONE = LockedSession.missing(KEY, 7, 8);

	private static final LockedSession STORED = Decision.of(NONE, history(LogRange.NONE, 1, null), NOW).after();

	@Test
	void newMessagesFromLongAgoAreOverlooked() {
		assertThat(isOverlooked(NONE, history(LogRange.NONE, 1, NOW.minusSeconds(1)))).isTrue();
		assertThat(isOverlooked(STORED, history(STORED.log(), 1, NOW.minusSeconds(1)))).isTrue();
	}

	/** They may not have been looked for yet. */
	@Test
	void messagesOfBeforeAreOverlookedOnceTheActivityIsSetBack() {
		assertThat(isOverlooked(STORED, history(STORED.log(), 0, NOW.minusSeconds(1)))).isTrue();
	}

	@Test
	void whatSaysThatItIsNewIsNotOverlooked() {
		assertThat(isOverlooked(NONE, history(LogRange.NONE, 1, null))).isFalse();
		assertThat(isOverlooked(NONE, history(LogRange.NONE, 0, NOW.minusSeconds(1)))).isFalse();
		assertThat(isOverlooked(STORED, history(STORED.log(), 1, null))).isFalse();
		assertThat(isOverlooked(STORED, history(STORED.log(), 0, NOW))).isFalse();
		assertThat(isOverlooked(STORED, Write.fate(KEY, Write.Fate.DELETED))).isFalse();
	}

	private static boolean isOverlooked(LockedSession before, Write write) {
		Rows rows = new Rows();
		rows.add(before, write, Decision.of(before, write, NOW));
		return rows.sessions().get(0).hasOlderActivity();
	}

	private static Write history(LogRange compared, int messages, @Nullable Instant lastActivity) {
		List<NewMessage> added = List.of(TestMessages.text("user", "one")).subList(0, messages);
		return Write.history(KEY, compared, 0, false, added, null, lastActivity);
	}

}
