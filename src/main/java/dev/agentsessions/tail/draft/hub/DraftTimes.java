package dev.agentsessions.tail.draft.hub;

import java.time.Duration;

import org.springframework.stereotype.Component;

/**
 * The times of drafts.
 *
 * @param silence after which a draft is discarded that nobody has written to
 * @param sign how often a replica says that a writer is at work, and stores the text so
 * far; up to a second later, so that what was said in one more second may be lost with it
 * @param flush the shortest time between two writes of a draft's text, while another
 * replica needs it
 * @param patience how long a replica waits for what another one has of a text
 */
@Component
public record DraftTimes(Duration silence, Duration sign, Duration flush, Duration patience) {

	public DraftTimes() {
		this(Duration.ofSeconds(60), Duration.ofSeconds(2), Duration.ofMillis(50), Duration.ofMillis(500));
	}

}
