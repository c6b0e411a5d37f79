package dev.agentsessions.transfer.legacy.value;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAccessor;

import dev.agentsessions.web.json.Times;
import org.jspecify.annotations.Nullable;

/**
 * Times as the older service's databases write them: with a space or a <code>T</code>,
 * with or without a zone.
 *
 * @param zone of those without one
 */
public record OldTimes(ZoneId zone) {

	private static final DateTimeFormatter FORM = new DateTimeFormatterBuilder().parseCaseInsensitive()
		.append(DateTimeFormatter.ISO_LOCAL_DATE)
		.appendPattern("[' ']['T']")
		.append(DateTimeFormatter.ISO_LOCAL_TIME)
		.appendPattern("[XXX][XX][X]")
		.toFormatter();

	/**
	 * The time, cut to microseconds; null if it is none, or not of the years 1 to 9999.
	 */
	public @Nullable Instant parse(String text) {
		try {
			TemporalAccessor parsed = FORM.parse(text.strip());
			Instant time = parsed.isSupported(ChronoField.INSTANT_SECONDS) ? Instant.from(parsed)
					: LocalDateTime.from(parsed).atZone(this.zone).toInstant();
			return (time.isBefore(Times.MIN) || time.isAfter(Times.MAX)) ? null : time.truncatedTo(ChronoUnit.MICROS);
		}
		catch (DateTimeException ex) {
			return null;
		}
	}

}
