package dev.agentsessions.tail.draft.store;

import dev.agentsessions.session.SessionKey;
import org.jspecify.annotations.Nullable;

/**
 * Where a draft is, or would be.
 *
 * @param session the id of its session's row
 * @param lastSeq where the session's log ends
 * @param deleted whether the session is soft-deleted
 * @param message the number of the message with its id, if the log has one
 * @param ofSession how many open drafts the session has
 * @param draft null if there is none
 */
public record DraftPlace(long session, long lastSeq, boolean deleted, @Nullable Long message, long ofSession,
		@Nullable DraftRow draft) {

	/** What is looked for. */
	public record DraftName(SessionKey session, String messageId) {
	}

}
