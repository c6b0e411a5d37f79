package dev.agentsessions.database.rows;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Times as databases print them.
 */
class TimestampsTest {

	@ParameterizedTest
	@CsvSource({ "2026-01-31 12:00:00+00, 2026-01-31T12:00:00Z", "2026-01-31 12:00:00.5+00, 2026-01-31T12:00:00.5Z",
			"2026-01-31 12:00:00.000001+03, 2026-01-31T09:00:00.000001Z",
			"2026-01-31 12:00:00.123456-05:30, 2026-01-31T17:30:00.123456Z",
			"1890-01-01 00:00:00+02:30:17, 1889-12-31T21:29:43Z", "0001-01-01 00:00:00+00, 0001-01-01T00:00:00Z",
			"9999-12-31 23:59:59.999999+00, 9999-12-31T23:59:59.999999Z" })
	void readsWhatTheyPrint(String text, String time) {
		assertThat(Timestamps.parse(text)).isEqualTo(time);
	}

	@ParameterizedTest
	@ValueSource(strings = { "infinity", "-infinity", "12345-01-01 00:00:00+00", "2026-13-01 00:00:00+00",
			"2026-01-31 12:0x:00+00", "2026-01-31 12:00:00" })
	void refusesAnythingElse(String text) {
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> Timestamps.parse(text))
			.isInstanceOfAny(DateTimeException.class, StringIndexOutOfBoundsException.class);
	}

	@Test
	void readsAnyTimeInAnyZone() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		DateTimeFormatter printed = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSSxxx");
		for (int i = 0; i < 10_000; i++) {
			Instant time = Instant.ofEpochSecond(random.nextLong(-2_000_000_000L, 200_000_000_000L))
				.plus(random.nextInt(1_000_000), ChronoUnit.MICROS);
			ZoneOffset zone = ZoneOffset.ofTotalSeconds(60 * random.nextInt(-900, 900));
			String text = printed.format(OffsetDateTime.ofInstant(time, zone));
			assertThat(Timestamps.parse(text)).as("seed %d: %s", seed, text).isEqualTo(time);
		}
	}

}
