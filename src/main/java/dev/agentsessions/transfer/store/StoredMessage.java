package dev.agentsessions.transfer.store;

import java.time.Instant;

import dev.agentsessions.message.NewMessage;
import dev.agentsessions.transfer.MessageRecord;

/**
 * A message that is in the store.
 */
record StoredMessage(long seq, Instant timestamp, NewMessage message) {

	/** Whether they are the same, with the time as far as the source knows it. */
	boolean isSameAs(MessageRecord source) {
		return (source.timestamp() == null || source.timestamp().equals(this.timestamp))
				&& this.message.isSameAs(source.message());
	}

}
