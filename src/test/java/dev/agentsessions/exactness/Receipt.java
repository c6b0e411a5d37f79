package dev.agentsessions.exactness;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Where an acknowledgement says that a write went.
 *
 * @param firstSeq of its messages, 0 if it had none
 * @param lastSeq of its messages, 0 if it had none
 * @param made the switch, null if it had none
 */
record Receipt(long firstSeq, long lastSeq, @Nullable Switch made) {

	static Receipt of(Write write, JsonNode answer) {
		JsonNode made = (write.kind() == Write.Kind.SWITCH) ? answer : answer.path("agent_switch");
		return new Receipt(answer.path("first_seq").asLong(0), answer.path("last_seq").asLong(0),
				made.has("switch_no") ? Switch.of(made) : null);
	}

	/** Why this can't be the receipt of that write; empty if it can. */
	String fault(Write write) {
		if (!write.messages().isEmpty() && this.lastSeq - this.firstSeq + 1 != write.messages().size()) {
			return "acknowledges another number of messages";
		}
		if (write.expectedLast() != null && this.firstSeq != write.expectedLast() + 1) {
			return "ignores If-Match";
		}
		if (write.toAgent() != null && (this.made == null || !this.made.toAgent().equals(write.toAgent()))) {
			return "acknowledges another switch";
		}
		return (write.toAgent() != null && !write.messages().isEmpty() && this.made.atSeq() != this.lastSeq)
				? "has the switch elsewhere than at the turn's end" : "";
	}

	/** A switch as anybody was told it. */
	record Switch(long no, long atSeq, @Nullable String fromAgent, String toAgent) {

		static Switch of(JsonNode json) {
			JsonNode from = json.path("from_agent");
			return new Switch(json.path("switch_no").asLong(), json.path("at_seq").asLong(),
					from.isString() ? from.asString() : null, json.path("to_agent").asString());
		}

	}

}
