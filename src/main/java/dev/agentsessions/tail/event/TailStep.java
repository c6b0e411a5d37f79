package dev.agentsessions.tail.event;

import java.util.List;

/**
 * A part of what a follower gets.
 *
 * @param events in their order
 * @param reached where one is who has got them; a restored session is reached without an
 * event
 */
public record TailStep(List<TailEvent> events, Position reached) {

	/** What there is to say about a session that is no longer there. */
	public static TailStep removed(Position position) {
		return new TailStep(position.gone() ? List.of() : List.of(TailEvent.sessionDeleted(Position.NONE)),
				Position.NONE);
	}

}
