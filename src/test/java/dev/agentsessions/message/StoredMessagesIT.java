package dev.agentsessions.message;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is read from the database is what was sent, whatever it is and however it is asked
 * for; without a cache, which would answer what it has seen being written.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class StoredMessagesIT {

	/** More than a short range has. */
	private static final int COUNT = 150;

	private static final String[] PIECES = { "plain words ", "\"", "\\", "/", "\n", "\r\n", "\t", "\b", "\f", "\u0001",
			"\u001B[31m", "\u001E", "\u001F", "\u007F", "é", "ы", "\u2028", "中", "🙂", "</script>", "\\u0041", "{}",
			"'" };

	private static TestStore uncached;

	private final Engine engine;

	private final Api api = Api.on(uncached);

	StoredMessagesIT(Engine engine) {
		this.engine = engine;
	}

	@BeforeParameterizedClassInvocation
	static void start(Engine engine) {
		uncached = TestStore.start(TestStore.newDatabase(engine), "store.cache.size=0B");
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		uncached.close();
	}

	@Test
	void everyFieldComesBackAsItWasSent() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		List<String> sent = IntStream.range(0, COUNT).mapToObj((n) -> message(random)).toList();
		String session = Api.newId();
		this.api.append(session, Json.array(sent)).expect(201);
		List<JsonNode> log = this.api.log(session);
		assertThat(log).as("seed %d", seed).hasSize(COUNT);
		for (int n = 0; n < COUNT; n++) {
			JsonNode expected = with(sent.get(n), n + 1, log.get(n).path("timestamp").stringValue());
			assertThat(Json.value(log.get(n))).as("%s, seed %d, message %d", this.engine, seed, n)
				.isEqualTo(Json.value(expected));
		}
		assertThat(this.api.page(session, "limit=1000").expect(200).data()).as("seed %d", seed).isEqualTo(log);
		for (int size : new int[] { 1, 7, 64, 65 }) {
			List<JsonNode> walked = new ArrayList<>();
			this.api.walk(Api.MESSAGES + "?limit=" + size, session).forEach((page) -> walked.addAll(page.data()));
			assertThat(walked).as("seed %d, pages of %d", seed, size).isEqualTo(log);
		}
	}

	private static JsonNode with(String message, int seq, String timestamp) {
		return Json.parse(message.replaceFirst("\\{", "{\"seq\":" + seq + ",\"timestamp\":\"" + timestamp + "\","));
	}

	private static String message(Random random) {
		List<String> fields = new ArrayList<>();
		fields.add("\"role\":\""
				+ List.of("user", "assistant", "system", "tool", "developer", "model").get(random.nextInt(6)) + "\"");
		boolean calls = random.nextInt(4) == 0;
		if (!calls || random.nextBoolean()) {
			String content = text(random, random.nextInt(10) == 0 ? 3000 : random.nextInt(20));
			fields.add("\"content\":" + ((random.nextInt(3) > 0) ? content
					: "[{\"type\":\"text\",\"text\":" + content + "},{},{\"image\":null}]"));
		}
		if (calls) {
			fields.add("\"tool_calls\":[{\"id\":" + text(random, 3) + ",\"n\":-1.50,\"deep\":[[],{\"\":null}]},true]");
		}
		if (random.nextInt(4) == 0) {
			fields.add("\"name\":" + (random.nextBoolean() ? "\"\"" : text(random, 3)));
		}
		if (random.nextInt(4) == 0) {
			fields.add("\"tool_call_id\":" + text(random, 3));
		}
		if (random.nextInt(3) == 0) {
			fields.add("\"id\":" + Json.text(random.nextLong() + "é😀"));
		}
		if (random.nextInt(4) == 0) {
			fields.add("\"refusal\":null,\"type\":\"x\"," + Json.text("other " + text(random, 2)) + ":[1.50,"
					+ text(random, 3) + "]");
		}
		if (random.nextInt(4) == 0) {
			fields.add("\"token_count\":" + random.nextInt(1000));
		}
		if (random.nextInt(4) == 0) {
			fields
				.add("\"metadata\":{" + text(random, 3) + ":12345678901234567890.5,\"text\":" + text(random, 5) + "}");
		}
		return "{" + String.join(",", fields) + "}";
	}

	private static String text(Random random, int pieces) {
		StringBuilder text = new StringBuilder();
		for (int i = 0; i < pieces; i++) {
			text.append(PIECES[random.nextInt(PIECES.length)]);
		}
		return Json.text(text.toString());
	}

}
