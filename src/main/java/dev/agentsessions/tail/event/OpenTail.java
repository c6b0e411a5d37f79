package dev.agentsessions.tail.event;

import java.util.List;

import dev.agentsessions.session.SessionState;
import org.jspecify.annotations.Nullable;

/**
 * A tail whose positions are checked and which has not been answered yet.
 *
 * @param list the sessions, null for a tail of one
 * @param starts one for each session, in the order of the list
 * @param drafts whether it tells of drafts
 * @param ready the id and data of the first event
 */
public record OpenTail(@Nullable SessionList list, List<Start> starts, boolean drafts, String id, byte[] ready) {

	/** Where a subscription begins. */
	public record Start(SessionState state, Position position) {
	}

}
