package dev.agentsessions;

import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

import tools.jackson.databind.JsonNode;

/**
 * What many answers have in them, in few words.
 */
public final class Fields {

	private Fields() {
	}

	/** The contents of messages; empty for one that has none. */
	public static List<String> contents(List<JsonNode> messages) {
		return messages.stream().map((message) -> message.path("content").stringValue("")).toList();
	}

	public static List<Long> seqs(List<JsonNode> messages) {
		return messages.stream().map((message) -> message.path("seq").longValue()).toList();
	}

	/** The numbers of switches. */
	public static List<Long> switchNumbers(List<JsonNode> switches) {
		return switches.stream().map((each) -> each.path("switch_no").longValue()).toList();
	}

	/** Texts that say their number, both ends included. */
	public static List<String> numbers(int from, int to) {
		return IntStream.rangeClosed(from, to).mapToObj(Integer::toString).toList();
	}

	public static Instant time(JsonNode node, String field) {
		return Instant.parse(node.path(field).stringValue());
	}

}
