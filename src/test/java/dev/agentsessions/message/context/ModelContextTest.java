package dev.agentsessions.message.context;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.message.TestMessages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What fits a model obeys the rules of its API, and is as long as can be. A log is
 * written in words: <code>u</code> is somebody's text, <code>cab</code> calls the tools a
 * and b, <code>ra</code> is the result of a; in capitals as Anthropic has it.
 */
class ModelContextTest {

	@ParameterizedTest(name = "{0} is given as {1}, without {2}, waiting for {3}")
	@CsvSource(delimiter = '|', nullValues = "-", value = {
			// a call and its results, in any order of theirs
			"u ca ra u | u ca ra u | - | -", "u cab rb ra u | u cab rb ra u | - | -",
			"u CAB RAB u | u CAB RAB u | - | -", "u ca RA u | u ca RA u | - | -",
			// results of nobody
			"ra u | u | 1 r | -", "u ra u | u u | 2 r | -", "u ca rx ra u | u ca ra u | 3 r | -",
			"u ca ra ra u | u ca ra u | 4 r | -", "u CA RAX u | u u | 2 c 3 r | -",
			// calls that nobody has answered
			"u ca u | u u | 2 c | -", "u cab ra u | u u | 2 c 3 c | -", "u ca u ra u | u u u | 2 c 4 r | -",
			"u ca cb rb u | u cb rb u | 2 c | -", "u ca ca ra u | u ca ra u | 2 c | -",
			// calls at the end
			"u ca | u ca | - | a", "u cab rb | u cab rb | - | a", "u ca ra cb | u ca ra cb | - | b",
			"u ca rx | u ca | 3 r | a", "r u | u | 1 r | -", "u r r u | u u | 2 r 3 r | -", "u CAB | u CAB | - | a b",
			"ca | ca | - | a" })
	void theRulesAreObeyed(String log, String given, String leftOut, String pending) {
		ModelContext context = new ModelContext(new ContextLimits(null, 100L), List.of())
			.take(MessageGroup.of(messages(log), true));
		assertThat(words(context.messages())).isEqualTo(given);
		List<String> named = context.leftOut()
			.stream()
			.map((each) -> each.seq() + " " + each.reason().charAt(0))
			.toList();
		assertThat(named).isEqualTo((leftOut != null) ? List.of(leftOut.split("(?<=[cr]) ")) : List.of());
		assertThat(String.join(" ", context.pending())).isEqualTo((pending != null) ? pending : "");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "plain words", "é😀", "with \"quotes\"", "a\\b", "line\nline", "\",\"content\":\"x" })
	void whatIsNotCountedIsGuessedByItsBytes(String content) {
		long bytes = content.getBytes(StandardCharsets.UTF_8).length;
		for (NewMessage message : List.of(TestMessages.text("user", content), new NewMessage("id", "developer", content,
				null, null, null, null, null, new JsonText("{\"m\":1}"), null))) {
			ModelMessage shape = ModelMessage.of(EncodedMessage.of(1, Instant.EPOCH, message));
			assertThat(shape.tokens()).isEqualTo((bytes + 3) / 4 + 4);
			assertThat(shape.isGuessed()).isTrue();
		}
		NewMessage counted = new NewMessage(null, "user", content, null, null, null, null, 7L, null, null);
		assertThat(ModelMessage.of(EncodedMessage.of(1, Instant.EPOCH, counted)).tokens()).isEqualTo(7);
		NewMessage named = new NewMessage(null, "user", content, null, "ada", null, null, null, null, null);
		assertThat(ModelMessage.of(EncodedMessage.of(1, Instant.EPOCH, named)).tokens())
			.isEqualTo((bytes + 3 + 3) / 4 + 4);
	}

	@Test
	void aGroupIsInOrOutAsAWhole() {
		List<MessageGroup> groups = MessageGroup.of(messages("u u cab ra rb u"), true);
		for (int most = 1; most <= 6; most++) {
			ModelContext context = new ModelContext(new ContextLimits(null, (long) most), List.of()).take(groups);
			assertThat(words(context.messages()))
				.isEqualTo(List.of("u", "u", "u", "cab ra rb u", "u cab ra rb u", "u u cab ra rb u").get(most - 1));
		}
	}

	@Test
	void ofRandomLogsItIsTheLongestThatFitsAndObeysTheRules() {
		long seed = Long.getLong("seed", System.nanoTime());
		System.out.println("contexts: seed " + seed);
		Random random = new Random(seed);
		for (int n = 0; n < 5000; n++) {
			String log = randomLog(random);
			List<ModelMessage> messages = messages(log);
			long most = 1 + random.nextInt(12);
			List<MessageGroup> groups = MessageGroup.of(messages, true);
			ModelContext context = new ModelContext(new ContextLimits(null, most), List.of()).take(groups);
			String as = "seed " + seed + ", " + log + ", " + most;
			assertThat(context.messages()).as(as).hasSizeLessThanOrEqualTo((int) most);
			assertThat(isTaken(context.messages())).as(as + " gives " + words(context.messages())).isTrue();
			ModelContext all = new ModelContext(new ContextLimits(null, 1000L), List.of()).take(groups);
			assertThat(words(all.messages())).as(as).endsWith(words(context.messages()));
			if (context.messages().size() < all.messages().size()) {
				int taken = context.messages().size();
				List<ModelMessage> next = all.messages().subList(0, all.messages().size() - taken);
				int group = next.size() - 1;
				while (!next.get(group).results().isEmpty()) {
					group--;
				}
				assertThat(taken + next.size() - group).as(as).isGreaterThan((int) most);
			}
			Set<Long> here = new HashSet<>(all.messages().stream().map(ModelMessage::seq).toList());
			all.leftOut().forEach((each) -> assertThat(here.add(each.seq())).as(as).isTrue());
			assertThat(here).as(as).hasSize(messages.size());
		}
	}

	/** The rules of both APIs, said another way. */
	private static boolean isTaken(List<ModelMessage> messages) {
		Set<String> waiting = new HashSet<>();
		for (ModelMessage message : messages) {
			if (message.results().isEmpty() && !waiting.isEmpty()) {
				return false;
			}
			if (!waiting.containsAll(message.results())) {
				return false;
			}
			waiting.removeAll(message.results());
			waiting.addAll(message.calls());
		}
		return true;
	}

	private static String randomLog(Random random) {
		List<String> words = new ArrayList<>();
		int size = 1 + random.nextInt(14);
		while (words.size() < size) {
			switch (random.nextInt(5)) {
				case 0, 1 -> words.add("u");
				case 2 -> words.add("c" + letters(random));
				case 3 -> {
					String calls = letters(random);
					words.add("c" + calls);
					calls.chars().forEach((c) -> words.add("r" + (char) c));
				}
				default -> words.add("r" + letters(random).charAt(0));
			}
		}
		return String.join(" ", words);
	}

	private static String letters(Random random) {
		return List.of("a", "b", "ab", "abc").get(random.nextInt(4));
	}

	private static String words(List<ModelMessage> messages) {
		return String.join(" ", messages.stream().map((message) -> message.message().id().split(" ")[1]).toList());
	}

	private static List<ModelMessage> messages(String log) {
		List<ModelMessage> messages = new ArrayList<>();
		for (String word : log.split(" ")) {
			messages.add(ModelMessage
				.of(EncodedMessage.of(messages.size() + 1, Instant.EPOCH, message(messages.size(), word))));
		}
		return messages;
	}

	private static NewMessage message(int n, String word) {
		boolean isAnthropic = Character.isUpperCase(word.charAt(0));
		List<String> ids = word.substring(1).toLowerCase().chars().mapToObj(Character::toString).toList();
		String id = n + " " + word;
		return switch (Character.toLowerCase(word.charAt(0))) {
			case 'c' -> isAnthropic ? parts(id, ids, "{\"type\":\"tool_use\",\"id\":\"%s\"}") : new NewMessage(id,
					"assistant", null, null, null, null, json(ids, "{\"id\":\"%s\"}"), null, null, null);
			case 'r' ->
				isAnthropic ? parts(id, ids, "{\"type\":\"tool_result\",\"tool_use_id\":\"%s\"}") : new NewMessage(id,
						"tool", "done", null, null, ids.isEmpty() ? null : ids.get(0), null, null, null, null);
			default -> new NewMessage(id, "user", "text", null, null, null, null, null, null, null);
		};
	}

	private static NewMessage parts(String id, List<String> ids, String part) {
		return new NewMessage(id, "user", null, json(ids, part), null, null, null, null, null, null);
	}

	private static JsonText json(List<String> ids, String each) {
		return new JsonText(ids.stream().map(each::formatted).toList().toString());
	}

}
