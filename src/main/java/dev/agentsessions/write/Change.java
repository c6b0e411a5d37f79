package dev.agentsessions.write;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import dev.agentsessions.agent.AgentSwitch;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.session.SessionState;

/**
 * What a write has changed, with JSON as it will be read.
 *
 * @param firstSeq of the messages
 * @param at the time of the messages
 */
public record Change(SessionState before, SessionState after, long firstSeq, Instant at, List<NewMessage> messages,
		List<AgentSwitch> switches) {

	/** More messages are left to be read by whoever wants them. */
	private static final int MOST_ENCODED = 256;

	/** As it is told to everybody. */
	public Commit commit(long epoch) {
		List<EncodedMessage> encoded = new ArrayList<>();
		for (NewMessage message : (this.messages.size() <= MOST_ENCODED) ? this.messages : List.<NewMessage>of()) {
			encoded.add(EncodedMessage.of(this.firstSeq + encoded.size(), this.at, message));
		}
		return new Commit(this.before.key(), this.before, this.after, encoded,
				this.switches.stream().map(AgentSwitch::logged).toList(), epoch);
	}

}
