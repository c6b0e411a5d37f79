package dev.agentsessions;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What is said of settings that are wrong, and of those that nothing reads.
 */
@ExtendWith(OutputCaptureExtension.class)
class SettingsCheckIT {

	private final UnknownSettings unknown = new UnknownSettings(
			List.of("store.access.mode", "store.access.origins", "store.lanes.batch-requests", "store.cache.size"));

	@Test
	void allWrongSettingsAreTold(CapturedOutput output) {
		assertThatException().isThrownBy(() -> TestStore.start("mysql://ann:sekret@h/db", "store.lanes.writers=0",
				"store.lanes.readers=many", "store.access.mode=foo", "store.access.jwt.algorithms=none",
				"store.cache.size=big", "store.database.connect-timeout=soon", "store.connections.compression=perhaps",
				"store.access.origins=https://a.example,*", "store.idempotency.keep=1h"));
		assertThat(output).contains("APPLICATION FAILED TO START",
				"STORE_LANES_WRITERS (store.lanes.writers) must be from 1 to 64, but is 0.",
				"STORE_LANES_READERS (store.lanes.readers) must be a whole number, but is many.",
				"STORE_ACCESS_MODE (store.access.mode) must be open, api-key or jwt, but is foo.",
				"STORE_ACCESS_JWT_ALGORITHMS (store.access.jwt.algorithms) must be RS256, ",
				"STORE_CACHE_SIZE (store.cache.size) must be a size such as 512KB or 1MB, but is big.",
				"STORE_DATABASE_CONNECT_TIMEOUT (store.database.connect-timeout) must be a time such as",
				"STORE_CONNECTIONS_COMPRESSION (store.connections.compression) must be true or false, but is perhaps.",
				"STORE_ACCESS_ORIGINS (store.access.origins) must be origins such as https://app.example.com",
				"STORE_IDEMPOTENCY_KEEP (store.idempotency.keep) must be at least PT24H, but is PT1H.",
				"DATABASE_URL can't be used: ", "Correct these 10 settings")
			.doesNotContain("\tat ", "sekret");
	}

	@Test
	void aWrongSettingOfSpringBootIsTold(CapturedOutput output) {
		assertThatException()
			.isThrownBy(() -> TestStore.start("h2:mem:wrong", "spring.lifecycle.timeout-per-shutdown-phase=soon"));
		assertThat(output).contains(
				"SPRING_LIFECYCLE_TIMEOUT_PER_SHUTDOWN_PHASE (spring.lifecycle.timeout-per-shutdown-phase) must be a time such",
				"Correct it");
	}

	@Test
	void aMistypedPropertyIsWarnedOf(CapturedOutput output) {
		TestStore.start("h2:mem:mistyped", "management.server.port=0", "store.lanes.writer=2").close();
		assertThat(output).containsOnlyOnce(
				"store.lanes.writer is no setting of this service and is ignored; did you mean store.lanes.writers?");
	}

	@ParameterizedTest
	@CsvSource({ "STORE_ACESS_MODE, STORE_ACCESS_MODE", "STORE_LANES_BATCH_REQEUSTS, STORE_LANES_BATCH_REQUESTS",
			"STORE_CACHESIZE, STORE_CACHE_SIZE" })
	void aMistypedVariableComesWithTheNearest(String variable, String nearest) {
		assertThat(this.unknown.in(List.of(new SystemEnvironmentPropertySource("env", Map.of(variable, "x")))))
			.containsExactly(variable + " is no setting of this service and is ignored; did you mean " + nearest + "?");
	}

	@Test
	void whatIsLikeNothingIsWarnedOfAlone() {
		assertThat(
				this.unknown.in(List.of(new SystemEnvironmentPropertySource("env", Map.of("STORE_QWERTYUIOP", "x")))))
			.containsExactly("STORE_QWERTYUIOP is no setting of this service and is ignored");
	}

	@ParameterizedTest
	@ValueSource(strings = { "STORE_ACCESS_MODE", "STORE_LANES_BATCH_REQUESTS", "STORE_LANES_BATCHREQUESTS",
			"STORE_ACCESS_ORIGINS_0", "STORE_SERVICE_HOST", "STORE_PORT", "STORE_PORT_80_TCP_ADDR", "PATH" })
	void otherVariablesAreLeftAlone(String variable) {
		assertThat(this.unknown.in(List.of(new SystemEnvironmentPropertySource("env", Map.of(variable, "x")))))
			.isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "store.access.mode", "store.lanes.batchRequests", "store.lanes.batch_requests",
			"store.access.origins[1]", "server.port" })
	void everySpellingThatSpringBootReadsIsKnown(String name) {
		assertThat(this.unknown.in(List.of(new MapPropertySource("arguments", Map.of(name, "x"))))).isEmpty();
	}

}
