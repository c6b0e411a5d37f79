package dev.agentsessions.message.history;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.web.json.JsonValues;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Messages that are sent, in numbers: equal ones have the same number, and what is stored
 * has the number of the message that it is. Where it is several, which name different
 * fields, the one that names most counts.
 */
final class SentMessages {

	/** The number of what was not sent. */
	static final int NOTHING = -1;

	/**
	 * In how many ways messages that are else equal may differ in the names of their
	 * other fields. No client has more; they would be looked for one by one.
	 */
	private static final int MOST_SHAPES = 64;

	private final int[] numbers;

	private final Set<String> ids;

	/**
	 * By what has to be equal in any case, then by the names of the other fields that are
	 * sent, then by their values.
	 */
	private final Map<String, Map<Set<String>, Map<String, Integer>>> byCore = new HashMap<>();

	SentMessages(List<NewMessage> sent) {
		this.numbers = new int[sent.size()];
		this.ids = NewMessage.ids(sent);
		for (int i = 0; i < this.numbers.length; i++) {
			this.numbers[i] = add(sent.get(i), i);
		}
	}

	private int add(NewMessage message, int number) {
		Map<Set<String>, Map<String, Integer>> shapes = this.byCore.computeIfAbsent(HistoryMatch.core(message),
				(core) -> new LinkedHashMap<>(2));
		ObjectNode others = HistoryMatch.others(message);
		Set<String> names = Set.copyOf(others.propertyNames());
		if (shapes.size() == MOST_SHAPES && !shapes.containsKey(names)) {
			return number;
		}
		return shapes.computeIfAbsent(names, (shape) -> new HashMap<>(2))
			.computeIfAbsent(JsonValues.canonical(others), (values) -> number);
	}

	int[] numbers() {
		return this.numbers;
	}

	/** What is sent under its id is nothing else. */
	int numberOf(EncodedMessage stored) {
		JsonNode message = stored.tree();
		boolean isSent = this.ids.contains(message.path("id").asString(""));
		int number = NOTHING;
		int most = -1;
		for (Map.Entry<Set<String>, Map<String, Integer>> shape : this.byCore
			.getOrDefault(HistoryMatch.core(message), Map.of())
			.entrySet()) {
			String values = (isSent && !shape.getKey().contains("id")) ? null
					: HistoryMatch.values(message, shape.getKey());
			Integer found = (values != null) ? shape.getValue().get(values) : null;
			if (found != null && shape.getKey().size() > most) {
				number = found;
				most = shape.getKey().size();
			}
		}
		return number;
	}

}
