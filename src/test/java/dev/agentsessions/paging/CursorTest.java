package dev.agentsessions.paging;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;

import dev.agentsessions.problem.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A cursor comes back as it went out, and only to its own list.
 */
class CursorTest {

	private static final String LIST = "sessions:activity";

	@Test
	void carriesAnyNumbers() {
		assertThat(Cursor.read(Cursor.of(LIST, 1, -2, 0), 3, LIST)).containsExactly(1, -2, 0);
		assertThat(Cursor.read(Cursor.of(LIST, Long.MAX_VALUE, Long.MIN_VALUE), 2, LIST))
			.containsExactly(Long.MAX_VALUE, Long.MIN_VALUE);
		long seed = System.nanoTime();
		Random random = new Random(seed);
		for (int i = 0; i < 1000; i++) {
			long[] key = random.longs(1 + random.nextInt(4)).toArray();
			assertThat(Cursor.read(Cursor.of(LIST, key), key.length, LIST)).as("seed %d", seed).containsExactly(key);
		}
	}

	@Test
	void fitsIntoAQueryAsItIs() {
		assertThat(Cursor.of(LIST, Long.MIN_VALUE, Long.MAX_VALUE)).matches("[A-Za-z0-9_-]+");
	}

	@Test
	void ofAnotherListOrOrderIsRefused() {
		assertRefused(Cursor.of("sessions:created", 1), LIST, 1);
		assertRefused(Cursor.of("agents", 1), LIST, 1);
		assertRefused(Cursor.of(LIST, 1), LIST, 2);
		assertRefused(Cursor.of(LIST, 1, 2), LIST, 1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "x", "?", "====", "null", "c2Vzc2lvbnM", "é" })
	void whatIsNoCursorIsRefused(String cursor) {
		assertRefused(cursor, LIST, 1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "sessions:activity|", "sessions:activity|x", "sessions:activity|1.5",
			"sessions:activity|9223372036854775808", "sessions:activity|1|", "|1", "sessions:activity" })
	void whatHoldsNoKeyIsRefused(String text) {
		assertRefused(Base64.getUrlEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)), LIST, 1);
	}

	@Test
	void anEndlessOneIsRefused() {
		assertRefused("A".repeat(1 << 20), LIST, 1);
	}

	@Test
	void anAlteredOneIsRefusedOrReadAsNumbersButNeverAnythingElse() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		for (int i = 0; i < 2000; i++) {
			StringBuilder cursor = new StringBuilder(Cursor.of(LIST, random.nextLong(), random.nextLong()));
			cursor.setCharAt(random.nextInt(cursor.length()), (char) (32 + random.nextInt(96)));
			try {
				assertThat(Cursor.read(cursor.toString(), 2, LIST)).as("seed %d", seed).hasSize(2);
			}
			catch (ProblemException ex) {
				assertThat(ex.problem().status()).as("seed %d", seed).isEqualTo(400);
			}
		}
	}

	private static void assertRefused(String cursor, String list, int parts) {
		assertThatExceptionOfType(ProblemException.class).isThrownBy(() -> Cursor.read(cursor, parts, list))
			.satisfies((error) -> {
				assertThat(error.problem().status()).isEqualTo(400);
				assertThat(error.problem().members().get("errors")).asString().contains("cursor");
			});
	}

}
