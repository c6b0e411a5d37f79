package dev.agentsessions.database.health;

import java.time.Duration;

import org.springframework.stereotype.Component;

/**
 * When the database is asked whether it answers.
 *
 * @param interval between two questions to the database
 * @param timeout after which a question has failed
 */
@Component
public record ReadinessTimes(Duration interval, Duration timeout) {

	public ReadinessTimes() {
		this(Duration.ofSeconds(1), Duration.ofSeconds(2));
	}

}
