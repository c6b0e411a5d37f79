package dev.agentsessions.transfer;

import java.time.Duration;
import java.time.Instant;

import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.view.View;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an import says of sessions that will not stay.
 */
class RetentionOutlookTest {

	private static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");

	private final TransferTally tally = new TransferTally(
			new RetentionOutlook(true, Duration.ofHours(24), Duration.ofDays(30), NOW));

	@Test
	void whatHasExpiredLeavesHoweverActiveAndWhatWillDoesNot() {
		this.tally.isIn(used(NOW, NOW.minusSeconds(1)));
		this.tally.isIn(used(NOW.minus(Duration.ofDays(9)), NOW.plusSeconds(1)));
		assertThat(this.tally.warning())
			.contains("will soft-delete 1 that have expired.", "STORE_RETENTION_ENABLED=false")
			.doesNotContain("MAX_IDLE", "PURGE");
	}

	@Test
	void thatIsSaidBesideTheRest() {
		this.tally.isIn(used(NOW.minus(Duration.ofDays(9)), null));
		this.tally.isIn(used(NOW, NOW.minusSeconds(1)));
		assertThat(this.tally.warning()).contains(
				"soft-delete 1 of these sessions (idle for more than 24 hours) and soft-delete 1 that have expired.",
				"STORE_RETENTION_MAX_IDLE=40d");
	}

	@Test
	void aShortTimeIsSaidInMinutes() {
		TransferTally all = new TransferTally(
				new RetentionOutlook(true, Duration.ofMinutes(30), Duration.ofMinutes(119), NOW));
		all.isIn(used(NOW.minus(Duration.ofDays(9)), null));
		all.isIn(deleted(NOW.minus(Duration.ofDays(9))));
		assertThat(all.warning()).contains("idle for more than 30 minutes", "soft-deleted more than 119 minutes ago");
	}

	private static SessionRecord deleted(Instant at) {
		return new SessionRecord(new SessionKey("default", "s"), at, at, at, SessionDetails.NONE, 1, null,
				View.numbered(0), null);
	}

	private static SessionRecord used(Instant at, @Nullable Instant expiresAt) {
		return new SessionRecord(new SessionKey("default", "s"), at, at, null,
				SessionDetails.of(null, null, null, null, expiresAt), 1, null, View.numbered(0), null);
	}

}
