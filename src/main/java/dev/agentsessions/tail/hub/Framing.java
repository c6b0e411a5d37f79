package dev.agentsessions.tail.hub;

import java.util.List;
import java.util.stream.Collectors;

import dev.agentsessions.paging.RowIds;
import dev.agentsessions.tail.draft.hub.DraftEvent;
import dev.agentsessions.tail.event.SessionList;
import dev.agentsessions.tail.event.TailEvent;

/**
 * How the events of a tail are written.
 */
public sealed interface Framing {

	/** An event that its subscription has just taken. */
	byte[] frame(Subscription subscription, TailEvent event);

	/** Something to tell of a draft of the subscription's session. */
	byte[] frame(Subscription subscription, DraftEvent event);

	/** For one session: the bytes that all who follow it share. */
	record Alone(RowIds rows) implements Framing {

		@Override
		public byte[] frame(Subscription subscription, TailEvent event) {
			return event.bytes(this.rows);
		}

		@Override
		public byte[] frame(Subscription subscription, DraftEvent event) {
			return event.bytes();
		}

	}

	/**
	 * For several sessions: every id holds all positions, every event names its session.
	 */
	record Together(SessionList list, List<Subscription> subscriptions, RowIds rows) implements Framing {

		@Override
		public byte[] frame(Subscription subscription, TailEvent event) {
			String id = this.list
				.id(this.subscriptions.stream().map(Subscription::position).collect(Collectors.toList()), this.rows);
			return event.bytes(id, subscription.session().key().sessionId());
		}

		@Override
		public byte[] frame(Subscription subscription, DraftEvent event) {
			return event.bytes(subscription.session().key().sessionId());
		}

	}

}
