package dev.agentsessions.retention;

import java.time.Duration;

import org.springframework.stereotype.Component;

/**
 * How fast what is due leaves.
 *
 * @param batchSize the most sessions, or rows of one session, that one statement changes
 * @param pause between two statements: it is what leaves room for the requests
 * @param sweepInterval between two looks for what was removed and still has rows
 */
@Component
public record RetentionPace(int batchSize, Duration pause, Duration sweepInterval) {

	public RetentionPace() {
		this(500, Duration.ofMillis(100), Duration.ofSeconds(5));
	}

}
