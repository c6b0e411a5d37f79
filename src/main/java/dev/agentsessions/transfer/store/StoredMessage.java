package dev.agentsessions.transfer.store;

import java.time.Instant;
import java.util.Objects;

import dev.agentsessions.message.NewMessage;
import dev.agentsessions.transfer.MessageRecord;

/**
 * A message that is in the store.
 */
record StoredMessage(long seq, Instant timestamp, NewMessage message) {

	/** Whether they are the same, with the time as far as the source knows it. */
	boolean isSameAs(MessageRecord source) {
		NewMessage other = source.message();
		return (source.timestamp() == null || source.timestamp().equals(this.timestamp))
				&& this.message.role().equals(other.role()) && Objects.equals(this.message.content(), other.content())
				&& Objects.equals(this.message.name(), other.name())
				&& Objects.equals(this.message.toolCallId(), other.toolCallId())
				&& Objects.equals(this.message.tokenCount(), other.tokenCount())
				&& StoredSession.sameJson(this.message.toolCalls(), other.toolCalls())
				&& StoredSession.sameJson(this.message.metadata(), other.metadata());
	}

}
