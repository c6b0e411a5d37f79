package dev.agentsessions.message.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.NewMessage;

/**
 * Messages that are sent, in numbers: equal ones have the same number, and what is stored
 * has the number of the message that it is.
 */
final class SentMessages {

	/** The number of what was not sent. */
	static final int NOTHING = -1;

	private final int[] numbers;

	/** One of each number, by what has to be equal in any case. */
	private final Map<String, List<Numbered>> byCore = new HashMap<>();

	SentMessages(List<NewMessage> sent) {
		this.numbers = new int[sent.size()];
		for (int i = 0; i < this.numbers.length; i++) {
			NewMessage message = sent.get(i);
			List<Numbered> same = this.byCore.computeIfAbsent(HistoryMatch.core(message), (core) -> new ArrayList<>(1));
			int number = i;
			for (Numbered other : same) {
				number = other.message.isSameAs(message) ? other.number : number;
			}
			if (number == i) {
				same.add(new Numbered(i, message));
			}
			this.numbers[i] = number;
		}
	}

	int[] numbers() {
		return this.numbers;
	}

	int numberOf(EncodedMessage stored) {
		for (Numbered each : this.byCore.getOrDefault(HistoryMatch.core(stored), List.of())) {
			if (HistoryMatch.matches(stored, each.message)) {
				return each.number;
			}
		}
		return NOTHING;
	}

	private record Numbered(int number, NewMessage message) {
	}

}
