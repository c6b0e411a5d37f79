package dev.agentsessions.exactness;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import tools.jackson.databind.JsonNode;

/**
 * A message as it is sent. No other message has its content, and all the rest of it
 * follows from the content, so that whoever meets it anywhere can tell whether it is
 * whole.
 */
record Sent(String content) {

	private static final List<String> ROLES = List.of("user", "assistant", "system", "tool");

	private static final List<String> TAILS = List.of("", "", "", " \"quoted\" \\ back/slash", " line\nline\ttab",
			" Grüße, 日本語, 🧵👩‍🚀", " \u2028 \u0001 \u007f", " </script> %00 {} []", " long " + "x".repeat(3000));

	static Sent of(String id, Random random) {
		return new Sent(id + TAILS.get(random.nextInt(TAILS.size())));
	}

	String role() {
		return ROLES.get(pick(0, ROLES.size()));
	}

	long tokens() {
		return pick(4, 1000);
	}

	Map<String, Object> json() {
		Map<String, Object> json = new LinkedHashMap<>(
				Map.of("role", role(), "content", this.content, "token_count", tokens()));
		// what the database prints its own way is never taken from the write into the
		// cache: both kinds are needed
		if (pick(14, 3) == 0) {
			json.put("metadata", Map.of("of", this.content));
		}
		if (pick(16, 5) == 0) {
			json.put("tool_calls", List.of(Map.of("id", tokens())));
		}
		return json;
	}

	boolean isShownBy(JsonNode message) {
		return isShownInHistoryBy(message) && message.path("token_count").asLong(-1) == tokens()
				&& message.path("metadata").path("of").asString("").equals((pick(14, 3) == 0) ? this.content : "");
	}

	boolean isShownInHistoryBy(JsonNode message) {
		return message.path("content").asString("").equals(this.content)
				&& message.path("role").asString("").equals(role())
				&& message.path("tool_calls").path(0).path("id").asLong(-1) == ((pick(16, 5) == 0) ? tokens() : -1);
	}

	private int pick(int shift, int bound) {
		return Math.floorMod((this.content.hashCode() * 0x9E3779B9) >>> shift, bound);
	}

}
