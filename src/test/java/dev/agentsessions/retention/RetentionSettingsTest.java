package dev.agentsessions.retention;

import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What leaves when, as an operator sets it.
 */
class RetentionSettingsTest {

	@Test
	void leavesTimeIfNothingIsSaid() {
		assertThat(bind(Map.of())).isEqualTo(new RetentionSettings(true, Duration.ofHours(1), Duration.ofHours(24),
				Duration.ofDays(30), 500, Duration.ofMillis(100), Duration.ofSeconds(5)));
	}

	@Test
	void takesEnvironmentVariables() {
		assertThat(bind(Map.of("STORE_RETENTION_ENABLED", "false", "STORE_RETENTION_INTERVAL", "PT10M",
				"STORE_RETENTION_MAX_IDLE", "P7D", "STORE_RETENTION_PURGE_AFTER", "90d", "STORE_RETENTION_BATCH_SIZE",
				"50", "STORE_RETENTION_PAUSE", "1s", "STORE_RETENTION_SWEEP_INTERVAL", "PT1M")))
			.isEqualTo(new RetentionSettings(false, Duration.ofMinutes(10), Duration.ofDays(7), Duration.ofDays(90), 50,
					Duration.ofSeconds(1), Duration.ofMinutes(1)));
	}

	@ParameterizedTest
	@CsvSource({ "INTERVAL, PT0.9S", "INTERVAL, -PT1H", "MAX_IDLE, PT59S", "MAX_IDLE, P18251D", "PURGE_AFTER, -PT1S",
			"BATCH_SIZE, 0", "BATCH_SIZE, 10001", "PAUSE, -PT1S", "PAUSE, PT61S", "SWEEP_INTERVAL, PT0S" })
	void refusesWhatMakesNoSense(String name, String value) {
		assertThatException().isThrownBy(() -> bind(Map.of("STORE_RETENTION_" + name, value)))
			.havingRootCause()
			.withMessageContaining("store.retention." + name.toLowerCase(java.util.Locale.ROOT).replace('_', '-'))
			.withMessageContaining("must be from");
	}

	private static RetentionSettings bind(Map<String, Object> variables) {
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, new SystemEnvironmentPropertySource(
					StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
		return Binder.get(environment).bindOrCreate("store.retention", RetentionSettings.class);
	}

}
