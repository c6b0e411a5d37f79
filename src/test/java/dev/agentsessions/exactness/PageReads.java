package dev.agentsessions.exactness;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

import dev.agentsessions.exactness.Reader.Known;
import dev.agentsessions.exactness.Reader.Query;
import dev.agentsessions.exactness.StoreClient.Answer;
import tools.jackson.databind.JsonNode;

/**
 * The ways to read a part of a log, and what each has to show.
 */
final class PageReads {

	private static final List<Integer> SIZES = List.of(1, 7, 20, 50, 100);

	private final Random random;

	PageReads(Random random) {
		this.random = random;
	}

	String numbered(Known known, Query query) throws IOException {
		int size = size();
		long number = 1 + seq(known) / size;
		Answer answer = query.get("/messages?page=" + number + "&page_size=" + size);
		long total = answer.json().path("total").asLong(-1);
		long skipped = (number - 1) * size;
		return (total < known.last()) ? "total is stale: " + answer
				: fault(known, answer, skipped + 1, Math.min(size, Math.max(0, total - skipped)));
	}

	String after(Known known, Query query) throws IOException {
		int limit = size();
		long after = seq(known) - 1;
		Answer answer = query.get("/messages?after=" + after + "&limit=" + limit);
		return fault(known, answer, after + 1, Math.min(limit, known.last() - after));
	}

	String before(Known known, Query query) throws IOException {
		int limit = size();
		long before = seq(known) + 1;
		Answer answer = query.get("/messages?before=" + before + "&limit=" + limit);
		long from = Math.max(1, before - limit);
		return fault(known, answer, from, before - from);
	}

	String newest(Known known, Query query) throws IOException {
		int limit = size();
		Answer answer = query.get("/messages?before&limit=" + limit);
		JsonNode data = answer.json().path("data");
		long last = data.path(data.size() - 1).path("seq").asLong(0);
		return (last < known.last()) ? "the newest is stale: " + last + ", " + answer
				: fault(known, answer, last - data.size() + 1, Math.min(limit, last));
	}

	String one(Known known, Query query) throws IOException {
		long seq = (this.random.nextBoolean()) ? known.last() : seq(known);
		Answer answer = query.get("/messages/" + seq);
		return (answer.status() != 200) ? "message " + seq + ": " + answer
				: known.faultOf(StoreClient.JSON.createArrayNode().add(answer.json()), seq);
	}

	String ofRole(Known known, Query query) throws IOException {
		long after = Math.max(0, known.last() - 200);
		Map<Long, Sent> told = Map.copyOf(known.told(after + 1, known.last()));
		Answer answer = query.get("/messages?role=user&limit=1000&after=" + after);
		Set<Long> shown = new HashSet<>();
		for (JsonNode message : answer.json().path("data")) {
			shown.add(message.path("seq").asLong());
			if (!new Sent(message.path("content").asString("")).isShownBy(message)
					|| !message.path("role").asString("").equals("user")) {
				return "not from a user: " + message;
			}
		}
		return told.entrySet()
			.stream()
			.filter((entry) -> entry.getValue().role().equals("user") && !shown.contains(entry.getKey()))
			.findAny()
			.map((missing) -> "no " + missing + " among " + shown.size() + " from users")
			.orElse("");
	}

	/** A log that has grown since is not unchanged. */
	String unchanged(Known known, Query query) throws IOException {
		Answer first = query.get("/messages?before&limit=1");
		long seen = first.json().path("data").path(0).path("seq").asLong(0);
		long acknowledged = known.session().acknowledgedLast();
		Answer second = query.get("/messages?before&limit=1", "If-None-Match", first.header("ETag"));
		return (second.status() == 304 && acknowledged > seen)
				? "304 for a log up to " + seen + " with " + acknowledged + " acknowledged" : "";
	}

	private static String fault(Known known, Answer answer, long from, long least) {
		JsonNode data = answer.json().path("data");
		if (answer.status() != 200 || data.size() < least) {
			return "not " + least + " messages from " + from + " on: " + data.size() + " in " + answer;
		}
		return known.faultOf(data, from);
	}

	private int size() {
		return SIZES.get(this.random.nextInt(SIZES.size()));
	}

	/** Any that is known; more often one of the last. */
	private long seq(Known known) {
		long back = this.random.nextBoolean() ? this.random.nextInt(10)
				: (long) (this.random.nextDouble() * known.last());
		return Math.max(1, known.last() - back);
	}

}
