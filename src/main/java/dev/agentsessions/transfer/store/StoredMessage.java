package dev.agentsessions.transfer.store;

import java.time.Instant;

import dev.agentsessions.message.NewMessage;
import dev.agentsessions.transfer.MessageRecord;

/**
 * A message that is in the store.
 */
record StoredMessage(long seq, Instant timestamp, NewMessage message) {

	/**
	 * Whether they are the same, but for the time: the older service gives all messages
	 * of a session new ones whenever it saves one.
	 */
	boolean isSameAs(MessageRecord source) {
		return this.message.isSameAs(source.message());
	}

}
