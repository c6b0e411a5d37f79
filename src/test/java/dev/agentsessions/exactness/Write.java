package dev.agentsessions.exactness;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Something a client wants to be done once; it may take several attempts.
 *
 * @param id no other write has it
 * @param messages none for a switch alone
 * @param toAgent no other switch leads to it; null for messages alone
 * @param fromAgent who must hold the session, null for whoever does
 * @param expectedLast what must be the session's last, null for any
 * @param key the idempotency key, null for none
 * @param hasIds whether its messages have ids, by which a retry is told
 */
record Write(String id, Kind kind, String session, List<Sent> messages, @Nullable String toAgent,
		@Nullable String fromAgent, @Nullable Long expectedLast, @Nullable String key, boolean hasIds) {

	/** Whether it is safe to try it again. */
	boolean isRepeatable() {
		return this.key != null || this.hasIds;
	}

	String path() {
		return "/v1/sessions/" + this.session + "/" + this.kind.resource;
	}

	Map<String, String> headers() {
		Map<String, String> headers = new LinkedHashMap<>();
		if (this.key != null) {
			headers.put("Idempotency-Key", this.key);
		}
		if (this.expectedLast != null) {
			headers.put("If-Match", "\"" + this.expectedLast + "\"");
		}
		return headers;
	}

	byte[] body() {
		return StoreClient.JSON.writeValueAsBytes(switch (this.kind) {
			case APPEND -> (this.messages.size() == 1) ? messagesJson().get(0) : messagesJson();
			case TURN -> (this.toAgent != null) ? Map.of("messages", messagesJson(), "agent_switch", switchJson())
					: Map.of("messages", messagesJson());
			case SWITCH -> switchJson();
		});
	}

	/** The same key, or ids, on other messages. */
	Write withOtherMessages(List<Sent> others) {
		return new Write(this.id, this.kind, this.session, others, this.toAgent, this.fromAgent, this.expectedLast,
				this.key, this.hasIds);
	}

	/** The id of one of its messages, counted from 0. */
	String messageId(int index) {
		return this.id + "/" + index;
	}

	private List<Map<String, Object>> messagesJson() {
		List<Map<String, Object>> json = new ArrayList<>();
		for (Sent message : this.messages) {
			Map<String, Object> each = new LinkedHashMap<>(message.json());
			if (this.hasIds) {
				each.put("id", messageId(json.size()));
			}
			json.add(each);
		}
		return json;
	}

	private Map<String, Object> switchJson() {
		Map<String, Object> json = new LinkedHashMap<>();
		json.put("to_agent", this.toAgent);
		json.put("reason", this.id);
		if (this.fromAgent != null) {
			json.put("from_agent", this.fromAgent);
		}
		return json;
	}

	/** What is written to. */
	enum Kind {

		APPEND("messages"), TURN("turns"), SWITCH("agent-switches");

		private final String resource;

		Kind(String resource) {
			this.resource = resource;
		}

	}

}
