package dev.agentsessions.settings;

import java.lang.reflect.AnnotatedElement;
import java.util.Map;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;

import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;

/**
 * What a number, a time or a size may be, as its annotations say, and as it would be
 * written in a setting.
 *
 * @param most null for no limit
 */
record Bounds(String least, @Nullable String most) {

	private static final Map<String, String> UNITS = Map.of("days", "d", "hours", "h", "minutes", "m", "seconds", "s",
			"millis", "ms");

	/** Null if it has none. */
	static @Nullable Bounds of(AnnotatedElement field) {
		SizeBounds size = field.getAnnotation(SizeBounds.class);
		if (size != null) {
			return new Bounds(size.min(), size.max().isEmpty() ? null : size.max());
		}
		MergedAnnotations bounds = MergedAnnotations.from(field);
		if (bounds.isPresent(DurationMin.class)) {
			return new Bounds(time(bounds.get(DurationMin.class)),
					bounds.isPresent(DurationMax.class) ? time(bounds.get(DurationMax.class)) : null);
		}
		Min least = field.getAnnotation(Min.class);
		Max most = field.getAnnotation(Max.class);
		return (least == null) ? null
				: new Bounds(Long.toString(least.value()), (most == null) ? null : Long.toString(most.value()));
	}

	/** In the one unit that is named. */
	private static String time(MergedAnnotation<?> bound) {
		return UNITS.entrySet()
			.stream()
			.filter((unit) -> bound.getLong(unit.getKey()) != 0)
			.map((unit) -> bound.getLong(unit.getKey()) + unit.getValue())
			.findFirst()
			.orElse("0s");
	}

}
