package dev.agentsessions.client.message;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Messages of a log that stand one after the other; in JSON {@code [1,20]} or
 * {@code [57]}.
 *
 * @param from the number of the first
 * @param through the number of the last; null for all that come, which only the last
 * range of a view has
 */
public record Range(long from, @Nullable Long through) {

	public static Range of(long from, long through) {
		return new Range(from, through);
	}

	public static Range from(long from) {
		return new Range(from, null);
	}

	@JsonCreator(mode = JsonCreator.Mode.DELEGATING)
	static Range read(List<Long> ends) {
		return new Range(ends.get(0), (ends.size() > 1) ? ends.get(1) : null);
	}

	@JsonValue
	List<Long> ends() {
		return (this.through != null) ? List.of(this.from, this.through) : List.of(this.from);
	}

}
