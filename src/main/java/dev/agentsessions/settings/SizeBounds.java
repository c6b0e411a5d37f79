package dev.agentsessions.settings;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import org.jspecify.annotations.Nullable;

import org.springframework.util.unit.DataSize;

/**
 * The least and the most that a size may be, such as <code>1B</code> and
 * <code>256MB</code>; it may be absent.
 */
@Documented
@Target(ElementType.FIELD)
@Retention(RetentionPolicy.RUNTIME)
@Constraint(validatedBy = SizeBounds.Validator.class)
public @interface SizeBounds {

	String min();

	/** Empty if there is no limit. */
	String max() default "";

	String message() default "is out of bounds";

	Class<?>[] groups() default {};

	Class<? extends Payload>[] payload() default {};

	/** Compares bytes. */
	final class Validator implements ConstraintValidator<SizeBounds, DataSize> {

		private DataSize least = DataSize.ofBytes(0);

		private DataSize most = DataSize.ofBytes(Long.MAX_VALUE);

		@Override
		public void initialize(SizeBounds bounds) {
			this.least = DataSize.parse(bounds.min());
			this.most = bounds.max().isEmpty() ? this.most : DataSize.parse(bounds.max());
		}

		@Override
		public boolean isValid(@Nullable DataSize size, ConstraintValidatorContext context) {
			return size == null || (size.compareTo(this.least) >= 0 && size.compareTo(this.most) <= 0);
		}

	}

}
