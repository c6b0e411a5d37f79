package dev.agentsessions.exactness;

import java.io.IOException;
import java.util.Random;

import dev.agentsessions.exactness.Reader.Known;
import dev.agentsessions.exactness.Reader.Query;
import dev.agentsessions.exactness.Receipt.Switch;
import dev.agentsessions.exactness.StoreClient.Answer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/**
 * The ways to read a session as a whole, and what each has to show.
 */
final class WholeReads {

	/** Whole logs that are longer are read less often. */
	private static final long LONG = 2000;

	private final Random random;

	WholeReads(Random random) {
		this.random = random;
	}

	String session(Known known, Query query) throws IOException {
		Answer answer = query.get("");
		long last = answer.json().path("last_seq").asLong(-1);
		return (last < known.last() || !answer.header("ETag").equals("\"" + last + "\"")) ? "stale session: " + answer
				: "";
	}

	String stats(Known known, Query query) throws IOException {
		Answer answer = query.get("/stats");
		return (answer.json().path("message_count").asLong(-1) < known.last()) ? "stale stats: " + answer : "";
	}

	String history(Known known, Query query) throws IOException {
		if (isTooLong(known)) {
			return "";
		}
		Answer answer = query.get("/history");
		JsonNode messages = answer.json().path("messages");
		for (int i = 0; i < messages.size(); i++) {
			Sent sent = new Sent(messages.get(i).path("content").asString(""));
			if (!sent.isShownInHistoryBy(messages.get(i))) {
				return "mutilated: " + messages.get(i);
			}
			known.session().told(i + 1, sent);
		}
		return (messages.size() < known.last()) ? "stale history: " + messages.size() + " in " + answer : "";
	}

	String lines(Known known, Query query) throws IOException {
		if (isTooLong(known)) {
			return "";
		}
		long after = (long) (this.random.nextDouble() * known.last());
		Answer answer = query.get("/messages?after=" + after, "Accept", "application/x-ndjson");
		ArrayNode messages = StoreClient.JSON.createArrayNode();
		answer.body().lines().forEach((line) -> messages.add(StoreClient.JSON.readTree(line)));
		return (messages.size() < known.last() - after) ? "stale lines: " + messages.size() + " after " + after
				: known.faultOf(messages, after + 1);
	}

	String switches(Known known, Query query) throws IOException {
		if (known.switches() == 0) {
			return "";
		}
		Answer context = query.get("/agent-context");
		Answer list = query.get("/agent-switches?limit=100");
		JsonNode data = list.json().path("data");
		for (int i = 0; i < data.size(); i++) {
			Switch made = Switch.of(data.get(i));
			if (made.no() != data.get(0).path("switch_no").asLong() - i) {
				return "a gap: " + list;
			}
			known.session().told(made);
		}
		boolean stale = context.json().path("switch_count").asLong(-1) < known.switches()
				|| data.path(0).path("switch_no").asLong(-1) < known.switches();
		return stale ? "stale switches: " + context + ", " + list : "";
	}

	private boolean isTooLong(Known known) {
		return known.last() > LONG && this.random.nextInt((int) (known.last() / LONG) + 1) > 0;
	}

}
