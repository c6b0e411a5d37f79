package dev.agentsessions.message.history;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.message.TestMessages;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which of the messages that are sent a stored one is.
 */
class SentMessagesTest {

	@Test
	void ofSeveralTheOneThatNamesMostCounts() {
		NewMessage bare = message(null, null, null);
		NewMessage named = message("a", null, null);
		NewMessage full = message("a", 7L, "{\"x\":1}");
		SentMessages sent = new SentMessages(List.of(bare, named, full, message("b", null, null)));
		assertThat(sent.numberOf(stored(full))).isEqualTo(2);
		assertThat(sent.numberOf(stored(message("a", 8L, "{\"x\":1}")))).isEqualTo(1);
		assertThat(sent.numberOf(stored(message("c", 7L, "{\"x\":1}")))).isEqualTo(0);
		assertThat(sent.numberOf(stored(TestMessages.text("user", "no")))).isEqualTo(SentMessages.NOTHING);
	}

	/** Not one without an id that is else equal, whatever it names besides. */
	@Test
	void whatIsSentUnderItsIdIsNothingElse() {
		NewMessage named = message("a", null, null);
		SentMessages sent = new SentMessages(List.of(message(null, 7L, "{\"x\":1}"), message(null, null, null), named));
		assertThat(sent.numberOf(stored(message("a", 7L, "{\"x\":1}")))).isEqualTo(2);
		assertThat(sent.numberOf(stored(message("b", 7L, "{\"x\":1}")))).isEqualTo(0);
		SentMessages other = new SentMessages(List.of(message(null, null, null), message("a", 8L, null)));
		assertThat(other.numberOf(stored(message("a", 7L, null)))).isEqualTo(SentMessages.NOTHING);
	}

	@Test
	void theTextNullIsNotTakenForNone() {
		List<@Nullable String> texts = Arrays.asList(null, "null", "");
		List<NewMessage> messages = new ArrayList<>();
		for (String content : texts) {
			for (String name : texts) {
				texts.forEach((call) -> messages
					.add(new NewMessage(null, "assistant", content, null, name, call, null, null, null, null)));
			}
		}
		SentMessages sent = new SentMessages(messages);
		assertThat(sent.numbers()).doesNotHaveDuplicates();
		assertThat(messages.stream().mapToInt((message) -> sent.numberOf(stored(message))))
			.containsExactly(IntStream.of(sent.numbers()).boxed().toArray(Integer[]::new));
	}

	@Test
	void isWhatComparingEachWithEachFinds() {
		long seed = Long.getLong("seed", System.nanoTime());
		System.out.println("sent messages: seed " + seed);
		Random random = new Random(seed);
		for (int n = 0; n < 300; n++) {
			List<NewMessage> messages = IntStream.range(0, 12).mapToObj((i) -> message(random)).toList();
			SentMessages sent = new SentMessages(messages);
			int[] numbers = sent.numbers();
			for (int i = 0; i < numbers.length; i++) {
				for (int j = 0; j < numbers.length; j++) {
					assertThat(numbers[i] == numbers[j]).as("seed %d, %d", seed, n)
						.isEqualTo(messages.get(i).isSameAs(messages.get(j)));
				}
				EncodedMessage stored = stored(message(random));
				int number = sent.numberOf(stored);
				assertThat(number >= 0).as("seed %d, %d", seed, n)
					.isEqualTo(messages.stream().anyMatch((each) -> isThis(stored, each, messages)));
				assertThat(number < 0 || isThis(stored, messages.get(number), messages)).as("seed %d, %d", seed, n)
					.isTrue();
			}
		}
	}

	private static boolean isThis(EncodedMessage stored, NewMessage sent, List<NewMessage> messages) {
		return HistoryMatch.matches(stored, sent)
				&& (sent.id() != null || !NewMessage.ids(messages).contains(String.valueOf(stored.id())));
	}

	private static NewMessage message(Random random) {
		return message(random.nextBoolean() ? "id" + random.nextInt(3) : null,
				random.nextInt(3) == 0 ? (long) random.nextInt(2) : null,
				random.nextBoolean() ? "{\"x\":%s}".formatted(random.nextBoolean() ? "100" : "1e2") : null);
	}

	private static NewMessage message(@Nullable String id, @Nullable Long tokens, @Nullable String json) {
		JsonText others = (json != null) ? new JsonText(json) : null;
		return new NewMessage(id, "user", "ok", null, null, null, null, tokens, others, others);
	}

	private static EncodedMessage stored(NewMessage message) {
		return EncodedMessage.of(1, Instant.EPOCH, message);
	}

}
