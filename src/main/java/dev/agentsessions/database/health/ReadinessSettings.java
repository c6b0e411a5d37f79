package dev.agentsessions.database.health;

import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * When the database counts as away, and when as back: <code>/readyz</code> says so.
 *
 * @param interval between two questions to the database; 100ms to 1m
 * @param timeout after which a question has failed; 100ms to 1m
 * @param failures how many questions in a row must fail before <code>/readyz</code> is
 * 503; 1 to 100
 * @param successes how many in a row must be answered before it is 200 again; 1 to 100
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
		if (time.toMillis() < 100 || time.compareTo(Duration.ofMinutes(1)) > 0) {
			throw new IllegalArgumentException("store.readiness." + name + " must be from 100ms to 1m, but is " + time);
		}
	}

	private static void requireCount(String name, int count) {
		if (count < 1 || count > 100) {
			throw new IllegalArgumentException("store.readiness." + name + " must be from 1 to 100, but is " + count);
		}
	}

}
