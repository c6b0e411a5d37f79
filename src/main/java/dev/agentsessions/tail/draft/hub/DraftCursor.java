package dev.agentsessions.tail.draft.hub;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.agentsessions.tail.event.TailEvent;
import org.jspecify.annotations.Nullable;

/**
 * What one follower has been told of the drafts of a session. It holds no text: one that
 * is slow gets longer pieces, not more of them. Used on the tail's event loop only.
 */
public final class DraftCursor {

	private final SessionDrafts drafts;

	/** A moment of the session. */
	private final long beganAt;

	private final Map<String, Draft.Told> told = new LinkedHashMap<>(2);

	DraftCursor(SessionDrafts drafts, long beganAt) {
		this.drafts = drafts;
		this.beganAt = beganAt;
	}

	SessionDrafts drafts() {
		return this.drafts;
	}

	/**
	 * The next event, which is delivered by that; null if there is nothing to tell now.
	 * @param session the id of the row of the session that the follower has come to
	 * @param seq the last message of it that the follower has
	 */
	public @Nullable TailEvent next(long session, long seq) {
		if (this.told.isEmpty() && this.drafts.isEmpty()) {
			return null;
		}
		for (Draft.Told each : this.told.isEmpty() ? List.<Draft.Told>of() : new ArrayList<>(this.told.values())) {
			TailEvent event = next(each, session, seq);
			if (event != null) {
				return event;
			}
		}
		for (Draft draft : this.drafts.open()) {
			// one of an earlier session of this name is about to end
			if (draft.session() == session && !this.told.containsKey(draft.messageId())
					&& draft.mayBeginAfter(this.beganAt)) {
				Draft.Told begun = new Draft.Told(draft);
				TailEvent event = draft.next(begun);
				if (event != null) {
					this.told.put(draft.messageId(), begun);
					return event;
				}
			}
		}
		return null;
	}

	private @Nullable TailEvent next(Draft.Told each, long session, long seq) {
		DraftEnd end = each.draft().end();
		long own = each.draft().session();
		if (end == null) {
			return (own == session) ? each.draft().next(each) : null;
		}
		Long message = end.seq();
		if (message == null || session > own || (session == own && seq >= message)) {
			// its message, if it has become one, was removed before it could be told
			this.told.remove(each.draft().messageId());
			return TailEvent.draftDiscarded(each.draft().messageId());
		}
		return null;
	}

	/**
	 * Whether the ids of messages matter that the follower is told now.
	 */
	public boolean needsMessageIds() {
		return !this.told.isEmpty() || this.drafts.needsMessages();
	}

	/** The follower is told of the end of the session, and so of all its drafts. */
	public void sessionDeleted() {
		this.told.clear();
	}

	/**
	 * The follower is told this message, and so of the end of its draft.
	 * @param session the id of the row of its session
	 */
	public void delivered(String messageId, long session, long seq) {
		this.told.remove(messageId);
		this.drafts.delivered(messageId, session, seq);
	}

}
