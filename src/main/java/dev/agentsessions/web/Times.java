package dev.agentsessions.web;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Times on the wire: UTC, ISO-8601, microseconds, with <code>Z</code>. One that comes in
 * without a zone is UTC.
 */
public final class Times {

	private static final Instant MIN = Instant.parse("0001-01-01T00:00:00Z");

	private static final Instant MAX = Instant.parse("9999-12-31T23:59:59.999999Z");

	/** An offset without a colon or minutes, which Java's form does not have. */
	private static final Pattern SHORT_OFFSET = Pattern.compile("(.{16,40}[+-]\\d\\d)(\\d\\d)?");

	private static final DateTimeFormatter OUT = DateTimeFormatter
		.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
		.withZone(ZoneOffset.UTC);

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

	public static String format(TemporalAccessor time) {
		return OUT.format(time);
	}

}
