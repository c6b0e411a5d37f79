package dev.agentsessions.settings;

import java.lang.reflect.AnnotatedElement;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;

/**
 * What a number, a time or a size may be, as its annotations say, and as it would be
 * written in a setting.
 *
 * @param most null for no limit
 */
record Bounds(String least, @Nullable String most) {

	/** Null if it has none. */
	static @Nullable Bounds of(AnnotatedElement field) {
		SizeBounds size = field.getAnnotation(SizeBounds.class);
		if (size != null) {
			return new Bounds(size.min(), size.max().isEmpty() ? null : size.max());
		}
		DurationMin shortest = field.getAnnotation(DurationMin.class);
		if (shortest != null) {
			DurationMax longest = field.getAnnotation(DurationMax.class);
			return new Bounds(
					time(shortest.days(), shortest.hours(), shortest.minutes(), shortest.seconds(), shortest.millis()),
					(longest == null) ? null : time(longest.days(), longest.hours(), longest.minutes(),
							longest.seconds(), longest.millis()));
		}
		Min least = field.getAnnotation(Min.class);
		Max most = field.getAnnotation(Max.class);
		return (least == null) ? null
				: new Bounds(Long.toString(least.value()), (most == null) ? null : Long.toString(most.value()));
	}

	/** In the one unit that is named. */
	private static String time(long days, long hours, long minutes, long seconds, long millis) {
		if (days > 0) {
			return days + "d";
		}
		if (hours > 0) {
			return hours + "h";
		}
		if (minutes > 0) {
			return minutes + "m";
		}
		return (millis > 0) ? millis + "ms" : seconds + "s";
	}

}
