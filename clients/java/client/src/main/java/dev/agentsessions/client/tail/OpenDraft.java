package dev.agentsessions.client.tail;

import java.time.Instant;

/**
 * A message that is being written.
 *
 * @param text all of it so far
 */
public record OpenDraft(String messageId, String text, Instant startedAt) {

	/** Its code points, which is where to go on with it. */
	public int length() {
		return this.text.codePointCount(0, this.text.length());
	}

}
