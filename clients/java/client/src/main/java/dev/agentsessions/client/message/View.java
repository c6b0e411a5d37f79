package dev.agentsessions.client.message;

import java.util.List;

/**
 * Which messages of the log a model sees, and in which order.
 *
 * @param ranges disjoint, the last one open; none at all is the whole log
 * @param viewNo the number of the last change of the view
 * @param lastSeq the last number of the log
 * @param messageCount how many messages there are in the view
 */
public record View(String sessionId, List<Range> ranges, long viewNo, long lastSeq, long messageCount) {

	/** What {@code If-Match} takes. */
	public String etag() {
		return "\"" + this.lastSeq + "-" + this.viewNo + "\"";
	}

}
