package dev.agentsessions.database;

import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * When the database counts as away, and when as back: <code>/readyz</code> says so.
 *
 * @param interval between two questions to the database; 100 ms to 1 min
 * @param timeout after which a question has failed; 100 ms to 1 min
 * @param failures how many questions in a row must fail before the service is not ready
 * @param successes how many in a row must be answered before it is ready again
 */
@ConfigurationProperties("store.readiness")
public record ReadinessSettings(@DefaultValue("1s") Duration interval, @DefaultValue("2s") Duration timeout,
		@DefaultValue("2") int failures, @DefaultValue("2") int successes) {

	public ReadinessSettings {
		requireTime("interval", interval);
		requireTime("timeout", timeout);
		requireCount("failures", failures);
		requireCount("successes", successes);
	}

	private static void requireTime(String name, Duration time) {
		if (time.toMillis() < 100 || time.toMinutes() > 1) {
			throw new IllegalArgumentException("store.readiness." + name + " must be from 100ms to 1m, but is " + time);
		}
	}

	private static void requireCount(String name, int count) {
		if (count < 1 || count > 100) {
			throw new IllegalArgumentException("store.readiness." + name + " must be from 1 to 100, but is " + count);
		}
	}

}
