package dev.agentsessions.access;

import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Who sent a request.
 *
 * @param tenant whose sessions the caller works on, and no others
 * @param role what the caller may do with them
 * @param stillKnown whether the caller would be let in now, which an answer that goes on
 * for long asks; null if always
 */
public record Caller(String tenant, Role role, @Nullable BooleanSupplier stillKnown) {

	/** Where a request's exchange keeps its caller. */
	public static final String ATTRIBUTE = Caller.class.getName();

	public Caller(String tenant, Role role) {
		this(tenant, role, null);
	}

	/** The same caller, let in for as long as this holds. */
	public Caller asLongAs(BooleanSupplier condition) {
		return new Caller(this.tenant, this.role, condition);
	}

}
