package dev.agentsessions.database.lane.operation;

import org.jspecify.annotations.Nullable;

/**
 * What became of one request of a batch: a value, or the error that its caller gets.
 *
 * @param value null if it failed
 * @param error null if it did not
 */
public record Answer<A>(@Nullable A value, @Nullable Throwable error) {

	public static <A> Answer<A> of(A value) {
		return new Answer<>(value, null);
	}

	public static <A> Answer<A> failed(Throwable error) {
		return new Answer<>(null, error);
	}

}
