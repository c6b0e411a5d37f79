package dev.agentsessions.tail.draft;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

import dev.agentsessions.Json;
import dev.agentsessions.web.json.JsonTree;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The short way to read a line says what the long one says, or nothing.
 */
class DraftLinesTest {

	private static final List<String> PARTS = List.of("{\"text\":\"", "\"}", "a", "\"", "\\", "\\n", "é", "🙂",
			"\uFFFD", "\u0001", "\n", "\u007f", " ", ",", "}", "\"text\"", ":");

	@Test
	void thePlainTextOfALineIsTheTextOfItsJson(TestReporter reporter) {
		long seed = new Random().nextLong();
		reporter.publishEntry("seed", Long.toString(seed));
		Random random = new Random(seed);
		int plain = 0;
		for (int i = 0; i < 20_000; i++) {
			StringBuilder line = new StringBuilder(random.nextInt(8) > 0 ? "{\"text\":\"" : "");
			int parts = random.nextInt(6);
			for (int part = 0; part < parts; part++) {
				line.append(PARTS.get(random.nextInt(PARTS.size())));
			}
			line.append(random.nextInt(8) > 0 ? "\"}" : "");
			byte[] bytes = line.toString().getBytes(StandardCharsets.UTF_8);
			if (random.nextInt(10) == 0 && bytes.length > 0) {
				bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
			}
			String text = DraftLines.plainText(bytes);
			if (text != null) {
				plain++;
				assertThat(JsonTree.parse(bytes, 100)).as("seed %d: %s", seed, line)
					.isEqualTo(Json.parse("{\"text\":" + Json.text(text) + "}"));
			}
		}
		assertThat(plain).isGreaterThan(1000);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"text\":\"\"}", "{\"text\":\"some words \"}", "{\"text\":\"Grüße 🙂\"}" })
	void whatMostLinesAreIsReadTheShortWay(String line) {
		assertThat(DraftLines.plainText(line.getBytes(StandardCharsets.UTF_8)))
			.isEqualTo(Json.parse(line).path("text").stringValue());
	}

}
