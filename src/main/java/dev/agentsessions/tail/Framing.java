package dev.agentsessions.tail;

import java.util.List;
import java.util.stream.Collectors;

/**
 * How the events of a tail are written.
 */
sealed interface Framing {

	/** An event that its leg has just taken. */
	byte[] frame(Leg leg, TailEvent event);

	/** For one session: the bytes that all who follow it share. */
	record Alone() implements Framing {

		@Override
		public byte[] frame(Leg leg, TailEvent event) {
			return event.bytes();
		}

	}

	/**
	 * For several sessions: every id holds all positions, every event names its session.
	 */
	record Together(SessionList list, List<Leg> legs) implements Framing {

		@Override
		public byte[] frame(Leg leg, TailEvent event) {
			String id = this.list.id(this.legs.stream().map(Leg::position).collect(Collectors.toList()));
			return event.bytes(id, TailEvent.quoted(leg.session().key().sessionId()));
		}

	}

}
