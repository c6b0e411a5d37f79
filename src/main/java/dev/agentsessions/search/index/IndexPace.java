package dev.agentsessions.search.index;

import java.time.Duration;

import org.springframework.stereotype.Component;

/**
 * How fast messages are indexed.
 *
 * @param interval between two looks for what is new
 * @param pauseForWork for how many times as long as a statement took nothing is done, so
 * that writers do not feel it
 */
@Component
public record IndexPace(Duration interval, int pauseForWork) {

	public IndexPace() {
		this(Duration.ofSeconds(1), 4);
	}

}
