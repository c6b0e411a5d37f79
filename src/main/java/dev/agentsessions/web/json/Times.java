package dev.agentsessions.web.json;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAccessor;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Times on the wire: UTC, ISO-8601, microseconds, with <code>Z</code>. One that comes in
 * without a zone is UTC.
 */
public final class Times {

	/** The earliest time: years are from 1 to 9999. */
	public static final Instant MIN = Instant.parse("0001-01-01T00:00:00Z");

	/** The latest time. */
	public static final Instant MAX = Instant.parse("9999-12-31T23:59:59.999999Z");

	/** An offset without a colon or minutes, which Java's form does not have. */
	private static final Pattern SHORT_OFFSET = Pattern.compile("(.{16,40}[+-]\\d\\d)(\\d\\d)?");

	private Times() {
	}

	/**
	 * The time, cut to microseconds; empty if it is none, or not of the years 1 to 9999.
	 */
	public static Optional<Instant> parse(String text) {
		Matcher offset = SHORT_OFFSET.matcher(text);
		String full = !offset.matches() ? text
				: offset.group(1) + ":" + ((offset.group(2) != null) ? offset.group(2) : "00");
		try {
			TemporalAccessor parsed = DateTimeFormatter.ISO_DATE_TIME.parseBest(full, Instant::from,
					LocalDateTime::from);
			Instant time = (parsed instanceof Instant instant) ? instant
					: LocalDateTime.from(parsed).toInstant(ZoneOffset.UTC);
			return Optional.of(time.truncatedTo(ChronoUnit.MICROS)).filter((t) -> !t.isBefore(MIN) && !t.isAfter(MAX));
		}
		catch (DateTimeException ex) {
			return Optional.empty();
		}
	}

	/** Written by hand: a general formatter takes longer than the rest of a row. */
	public static String format(Instant time) {
		LocalDateTime utc = LocalDateTime.ofEpochSecond(time.getEpochSecond(), time.getNano(), ZoneOffset.UTC);
		byte[] text = "0000-00-00T00:00:00.000000Z".getBytes(StandardCharsets.US_ASCII);
		digits(text, 4, utc.getYear());
		digits(text, 7, utc.getMonthValue());
		digits(text, 10, utc.getDayOfMonth());
		digits(text, 13, utc.getHour());
		digits(text, 16, utc.getMinute());
		digits(text, 19, utc.getSecond());
		digits(text, 26, utc.getNano() / 1000);
		return new String(text, StandardCharsets.US_ASCII);
	}

	/** Microseconds since 1970. */
	public static long toMicros(Instant time) {
		// not ChronoUnit.MICROS.between: it counts nanoseconds first, which overflow
		// after 292 years
		return Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000L), time.getNano() / 1000);
	}

	/** The time of so many microseconds since 1970. */
	public static Instant ofMicros(long micros) {
		return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
	}

	/** A number that is not negative, up to this end. */
	private static void digits(byte[] text, int end, int number) {
		int rest = number;
		for (int i = end - 1; rest > 0; i--, rest /= 10) {
			text[i] += (byte) (rest % 10);
		}
	}

}
