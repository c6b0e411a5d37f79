package dev.agentsessions.database.rows;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;

/**
 * Times as both databases print them: <code>2026-01-31 12:00:00.123456+00</code>. The
 * driver of PostgreSQL reads them with a general formatter, which takes half of the time
 * that reading a whole message takes; so where rows are many, times are selected as text
 * and read here.
 */
public final class Timestamps {

	private static final int DATE = 10;

	private static final int TIME = 19;

	private Timestamps() {
	}

	/**
	 * The time that a <code>timestamp with time zone</code> is as text.
	 * @throws DateTimeException if it is none of the years 0 to 9999
	 */
	public static Instant parse(String text) {
		int offset = Math.max(text.indexOf('+', TIME), text.indexOf('-', TIME));
		if (offset < 0 || text.charAt(4) != '-' || text.charAt(DATE) != ' ') {
			throw new DateTimeException("not a time from the years 0 to 9999: " + text);
		}
		LocalDate date = LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, DATE));
		int nanos = 0;
		for (int i = TIME + 1, unit = 100_000_000; i < offset; i++, unit /= 10) {
			nanos += (text.charAt(i) - '0') * unit;
		}
		LocalTime time = LocalTime.of(number(text, 11, 13), number(text, 14, 16), number(text, 17, TIME), nanos);
		int seconds = seconds(text, offset + 1);
		ZoneOffset zone = (seconds == 0) ? ZoneOffset.UTC
				: ZoneOffset.ofTotalSeconds((text.charAt(offset) == '-') ? -seconds : seconds);
		return Instant.ofEpochSecond(date.toEpochSecond(time, zone), nanos);
	}

	/** Of an offset: hours, and where they are not 0 minutes and seconds. */
	private static int seconds(String text, int start) {
		int seconds = 0;
		for (int i = start, unit = 3600; i + 2 <= text.length() && unit > 0; i += 3, unit /= 60) {
			seconds += number(text, i, i + 2) * unit;
		}
		return seconds;
	}

	private static int number(String text, int from, int to) {
		int number = 0;
		for (int i = from; i < to; i++) {
			int digit = text.charAt(i) - '0';
			if (digit < 0 || digit > 9) {
				throw new DateTimeException("not a time from the years 0 to 9999: " + text);
			}
			number = number * 10 + digit;
		}
		return number;
	}

}
