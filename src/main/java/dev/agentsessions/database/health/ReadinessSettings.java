package dev.agentsessions.database.health;

import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the database is asked whether it answers: <code>/readyz</code> says so.
 *
 * @param interval between two questions to the database; 100ms to 1m
 * @param timeout after which a question has failed; 100ms to 1m
 */
@ConfigurationProperties("store.readiness")
public record ReadinessSettings(@DefaultValue("1s") Duration interval, @DefaultValue("2s") Duration timeout) {

	public ReadinessSettings {
		requireTime("interval", interval);
		requireTime("timeout", timeout);
	}

	private static void requireTime(String name, Duration time) {
		if (time.toMillis() < 100 || time.compareTo(Duration.ofMinutes(1)) > 0) {
			throw new IllegalArgumentException("store.readiness." + name + " must be from 100ms to 1m, but is " + time);
		}
	}

}
