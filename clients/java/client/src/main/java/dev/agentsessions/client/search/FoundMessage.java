package dev.agentsessions.client.search;

import java.time.Instant;
import java.util.List;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * A message that was found.
 *
 * @param title that of its session; null if it has none
 * @param role null where the message has none
 * @param snippet about 200 characters of the text in which most was found
 * @param matches what was found in the snippet; ascending, without overlap
 */
public record FoundMessage(String sessionId, @Nullable String title, long seq, @Nullable String role, Instant timestamp,
		String snippet, List<Match> matches) {

	/** What was found, one text for each match. */
	public List<String> found() {
		return this.matches.stream()
			.map((match) -> this.snippet.substring(this.snippet.offsetByCodePoints(0, match.from()),
					this.snippet.offsetByCodePoints(0, match.to())))
			.toList();
	}

	/**
	 * Where something was found.
	 *
	 * @param from where it begins, in code points of the snippet
	 * @param to where it ends, exclusive
	 */
	public record Match(int from, int to) {

		@JsonCreator(mode = JsonCreator.Mode.DELEGATING)
		static Match read(List<Integer> ends) {
			return new Match(ends.get(0), ends.get(1));
		}

		@JsonValue
		List<Integer> ends() {
			return List.of(this.from, this.to);
		}

	}

}
