package dev.agentsessions.web.json;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Times in and out: ISO-8601, UTC, microseconds.
 */
class TimesTest {

	@ParameterizedTest
	@CsvSource({ "2026-01-31T12:00:00Z, 2026-01-31T12:00:00Z", "2026-01-31T12:00:00, 2026-01-31T12:00:00Z",
			"2026-01-31T12:00:00.123456, 2026-01-31T12:00:00.123456Z", "2026-01-31T12:00Z, 2026-01-31T12:00:00Z",
			"2026-01-31T12:00:00+02:00, 2026-01-31T10:00:00Z", "2026-01-31T12:00:00-00:30, 2026-01-31T12:30:00Z",
			"2026-01-31T12:00:00+01, 2026-01-31T11:00:00Z", "2026-01-31T12:00:00+0130, 2026-01-31T10:30:00Z",
			"2026-01-31T12:00:00-0800, 2026-01-31T20:00:00Z", "2026-01-31T12:00-03, 2026-01-31T15:00:00Z",
			"2026-01-31T12:00:00.5+00, 2026-01-31T12:00:00.5Z", "2026-01-31t12:00:00z, 2026-01-31T12:00:00Z",
			"2026-01-31T12:00:00+02:00:30, 2026-01-31T09:59:30Z",
			"2026-01-31T12:00:00.123456789Z, 2026-01-31T12:00:00.123456Z",
			"2026-01-31T12:00:00.9999999Z, 2026-01-31T12:00:00.999999Z",
			"2026-01-31T12:00:00+01:00[Europe/Paris], 2026-01-31T11:00:00Z",
			"2024-02-29T00:00:00Z, 2024-02-29T00:00:00Z", "0001-01-01T00:00:00Z, 0001-01-01T00:00:00Z",
			"9999-12-31T23:59:59.9999999Z, 9999-12-31T23:59:59.999999Z" })
	void readsTimesWithAndWithoutAZone(String text, Instant time) {
		assertThat(Times.parse(text)).contains(time);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "now", "2026-01-31", "12:00:00", "2026-01-31 12:00:00", "2026-02-30T00:00:00Z",
			"2025-02-29T00:00:00Z", "2026-01-31T25:00:00Z", "2026-01-31T12:00:60Z", "2026-01-31T12:00:00Zulu",
			"2026-01-31T12:00:00+1", "2026-01-31T12:00:00+19", "2026-01-31T12:00:00+010", "2026-01-31T12:00:00+01000",
			"2026-01-31T12:00:00+", "1769860800", "0000-12-31T23:59:59Z", "0001-01-01T00:00:00+01:00",
			"9999-12-31T23:59:59-01:00", "+10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z",
			"+999999999-12-31T23:59:59Z" })
	void refusesWhatIsNoTimeOrNotOfTheYearsThatCanBeStored(String text) {
		assertThat(Times.parse(text)).isEmpty();
	}

	@Test
	void writesUtcWithMicrosecondsAndZ() {
		assertThat(Times.format(Instant.parse("2026-01-31T12:00:00Z"))).isEqualTo("2026-01-31T12:00:00.000000Z");
		assertThat(Times.format(OffsetDateTime.parse("2026-01-31T00:30:00.5+02:00").toInstant()))
			.isEqualTo("2026-01-30T22:30:00.500000Z");
		assertThat(Times.format(Instant.parse("0001-01-01T00:00:00Z"))).isEqualTo("0001-01-01T00:00:00.000000Z");
	}

	@Test
	void readsWhatItWrites() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		for (int i = 0; i < 2000; i++) {
			Instant time = Instant.ofEpochSecond(random.nextLong(-62_135_596_800L, 253_402_300_800L),
					random.nextInt(1_000_000) * 1000L);
			assertThat(Times.parse(Times.format(time))).as("seed %d", seed).contains(time);
		}
	}

	@Test
	void textInOrderIsTimeInOrder() {
		String earlier = Times.format(Instant.parse("2026-01-31T12:00:00.000009Z"));
		String later = Times.format(Instant.parse("2026-01-31T12:00:00.00001Z"));
		assertThat(earlier).isLessThan(later);
	}

}
