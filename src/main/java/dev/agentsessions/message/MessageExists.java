package dev.agentsessions.message;

import java.util.Map;

import dev.agentsessions.problem.Problem;
import dev.agentsessions.problem.ProblemException;

/**
 * A write is refused, for its session's log has a message with the id of one of its own.
 */
public final class MessageExists extends ProblemException {

	private final transient Map<String, Long> known;

	private final int first;

	/**
	 * Of messages that were sent.
	 * @param known the ids with their numbers
	 * @param first the place of the first of them
	 */
	public MessageExists(Map<String, Long> known, int first) {
		super(Problem
			.of(409, "message-exists", "A message with this id exists",
					"The session has messages with ids that were sent; they were not written again.")
			.with("known",
					known.entrySet().stream().map((entry) -> new KnownId(entry.getKey(), entry.getValue())).toList()));
		this.known = known;
		this.first = first;
	}

	/** Of one message, or some wherever they stand. */
	public MessageExists(Map<String, Long> known) {
		this(known, 0);
	}

	public Map<String, Long> known() {
		return this.known;
	}

	/** The place of the first among those that were sent. */
	public int first() {
		return this.first;
	}

	private record KnownId(String id, long seq) {
	}

}
