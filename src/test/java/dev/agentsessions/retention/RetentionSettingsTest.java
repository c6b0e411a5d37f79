package dev.agentsessions.retention;

import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What leaves when, as an operator sets it.
 */
class RetentionSettingsTest {

	@Test
	void leavesTimeIfNothingIsSaid() {
		assertThat(bind(Map.of()))
			.isEqualTo(new RetentionSettings(true, Duration.ofHours(1), Duration.ofHours(24), Duration.ofDays(30)));
	}

	@Test
	void takesEnvironmentVariables() {
		assertThat(bind(Map.of("STORE_RETENTION_ENABLED", "false", "STORE_RETENTION_INTERVAL", "PT10M",
				"STORE_RETENTION_MAX_IDLE", "P7D", "STORE_RETENTION_PURGE_AFTER", "90d")))
			.isEqualTo(new RetentionSettings(false, Duration.ofMinutes(10), Duration.ofDays(7), Duration.ofDays(90)));
	}

	private static RetentionSettings bind(Map<String, Object> variables) {
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, new SystemEnvironmentPropertySource(
					StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
		return Binder.get(environment).bindOrCreate("store.retention", RetentionSettings.class);
	}

}
