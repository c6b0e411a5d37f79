package dev.agentsessions.tail.draft.hub;

import java.time.Instant;

import dev.agentsessions.session.SessionKey;
import dev.agentsessions.tail.draft.store.DraftRow;

/**
 * Drafts without a database.
 */
public final class TestDrafts {

	private TestDrafts() {
	}

	public static DraftHub hub() {
		return new DraftHub(null, new DraftMemory(1000), null, null);
	}

	/** What a follower is told of a session that has one draft, without any text yet. */
	public static DraftCursor ofOne(SessionKey session) {
		SessionDrafts drafts = new SessionDrafts(session, hub());
		DraftCursor follower = drafts.follow(() -> {
		});
		drafts.opened(DraftRow.begun(1, "m", "here", Instant.EPOCH, 1, 0)).seenAt(drafts.moment());
		return follower;
	}

}
