package dev.agentsessions.tail.draft.hub;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;

import dev.agentsessions.session.SessionKey;
import dev.agentsessions.tail.draft.store.DraftRow;
import dev.agentsessions.tail.hub.TestTail;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which drafts are over once a follower is told a message with their name.
 */
class SessionDraftsTest {

	private final SessionDrafts drafts = new SessionDrafts(new SessionKey("default", "a"),
			new DraftHub(null, new DraftMemory(1000), null, null));

	private final DraftCursor follower = this.drafts.follow(() -> {
	});

	@Test
	void aMessageEndsItsDraft() {
		Draft draft = this.drafts.opened(DraftRow.begun(1, "m", "here", Instant.EPOCH, 7, 5));
		this.follower.delivered("other", 7, 6);
		assertThat(this.drafts.open("m")).isSameAs(draft);
		this.follower.delivered("m", 7, 7);
		assertThat(this.drafts.open("m")).isNull();
		assertThat(draft.end()).isEqualTo(new DraftEnd(7L));
	}

	/** The database was asked before the message was in the log. */
	@Test
	void aDraftThatIsOpenedBehindItsMessageIsOver() {
		this.drafts.beginsOpening();
		assertThat(this.follower.needsMessageIds()).isTrue();
		this.follower.delivered("m", 7, 6);
		Draft draft = this.drafts.opened(DraftRow.begun(1, "m", "here", Instant.EPOCH, 7, 5));
		assertThat(draft.end()).isEqualTo(new DraftEnd(6L));
		assertThat(this.drafts.open("m")).isNull();
		assertThat(this.follower.next(7, 6)).isNull();
		Draft later = this.drafts.opened(DraftRow.begun(2, "m", "here", Instant.EPOCH, 7, 6));
		assertThat(later.end()).isNull();
	}

	@Test
	void aDraftThatIsOpenedBehindItsMessageIsOverHoweverManyFollowedThat() {
		long first = this.drafts.beginsOpening();
		this.follower.delivered("m", 7, 6);
		LongStream.range(0, 1000).forEach((i) -> this.follower.delivered("m" + i, 7, 7 + i));
		this.drafts.endsOpening(this.drafts.beginsOpening());
		assertThat(this.drafts.opened(DraftRow.begun(1, "m", "here", Instant.EPOCH, 7, 5)).end()).isNotNull();
		this.drafts.endsOpening(first);
		assertThat(this.follower.needsMessageIds()).isFalse();
	}

	/** One whose request has read that there is no message, before there was one. */
	@Test
	void whoBeginsToOpenADraftWhenItsMessageWasToldNeedsNotKnowIt() {
		long first = this.drafts.beginsOpening();
		this.follower.delivered("m", 7, 6);
		long second = this.drafts.beginsOpening();
		this.drafts.endsOpening(first);
		assertThat(this.drafts.opened(DraftRow.begun(1, "m", "here", Instant.EPOCH, 7, 5)).end()).isNull();
		this.drafts.endsOpening(second);
	}

	/** Its session was removed and made anew, and has not come that far. */
	@Test
	void aDraftWhoseMessageIsInAnEarlierSessionIsDiscarded() {
		Draft draft = this.drafts.opened(DraftRow.begun(1, "m", "here", Instant.EPOCH, 7, 5));
		draft.seenAt(this.drafts.moment());
		assertThat(this.follower.next(7, 5)).isNotNull();
		this.drafts.end(draft, new DraftEnd(500L));
		assertThat(this.follower.next(7, 499)).isNull();
		assertThat(new String(this.follower.next(8, 1).bytes(TestTail.ROWS), StandardCharsets.UTF_8))
			.contains("draft_discarded");
	}

	@Test
	void whoFollowsASessionThatWasMadeAnewIsToldNoDraftOfTheOneBefore() {
		Draft draft = this.drafts.opened(DraftRow.begun(1, "m", "here", Instant.EPOCH, 7, 5));
		draft.seenAt(this.drafts.moment());
		assertThat(this.follower.next(8, 1)).isNull();
		assertThat(this.follower.next(7, 5)).isNotNull();
	}

	/** Its session was deleted when it was looked for, and is restored. */
	@Test
	void aDraftThatIsFoundAgainIsOpen() {
		DraftRow row = DraftRow.begun(1, "m", "here", Instant.EPOCH, 7, 5);
		Draft draft = this.drafts.opened(row);
		long before = this.drafts.moment();
		this.drafts.end(draft, DraftEnd.DISCARDED);
		this.drafts.take(List.of(row), before);
		assertThat(this.drafts.open("m")).isNull();
		this.drafts.take(List.of(row), this.drafts.moment());
		assertThat(this.drafts.open("m")).isNotNull();
	}

	/** It was in a log that was replaced since, or in an earlier session. */
	@ParameterizedTest
	@CsvSource({ "7, 5", "7, 1", "6, 9" })
	void anOlderMessageDoesNotEndIt(long session, long seq) {
		Draft draft = this.drafts.opened(DraftRow.begun(1, "m", "here", Instant.EPOCH, 7, 5));
		this.follower.delivered("m", session, seq);
		assertThat(this.drafts.open("m")).isSameAs(draft);
		assertThat(draft.end()).isNull();
	}

}
