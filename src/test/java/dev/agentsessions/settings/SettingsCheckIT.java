package dev.agentsessions.settings;

import java.util.List;
import java.util.Map;

import dev.agentsessions.TestStore;
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
			List.of("store.access.mode", "store.access.origins", "store.database.pool-size", "store.cache.size"));

	@Test
	void allWrongSettingsAreTold(CapturedOutput output) {
		assertThatException().isThrownBy(() -> TestStore.start("mysql://ann:sekret@h/db", "store.lanes.writers=0",
				"store.lanes.readers=many", "store.access.mode=foo", "store.access.jwt.algorithms=none",
				"store.cache.size=big", "store.database.request-timeout=soon", "store.retention.enabled=perhaps",
				"store.access.origins=https://a.example,*", "store.idempotency.keep=1h", "store.limits.body=1GB",
				"store.tails.wake-ups=foo", "store.tails.nats-url=http://ann:sekret@h:4222",
				"management.server.port=99999", "otel.exporter.otlp.endpoint=collector:4318"));
		assertThat(output).contains("APPLICATION FAILED TO START",
				"STORE_LANES_WRITERS (store.lanes.writers) must be a whole number from 1 to 64, but is 0.",
				"STORE_LANES_READERS (store.lanes.readers) must be a whole number from 1 to 64, but is many.",
				"STORE_ACCESS_MODE (store.access.mode) must be open, api-key or jwt, but is foo.",
				"STORE_ACCESS_JWT_ALGORITHMS (store.access.jwt.algorithms) must be RS256, ",
				"STORE_CACHE_SIZE (store.cache.size) must be a size of at least 0B, but is big.",
				"STORE_DATABASE_REQUEST_TIMEOUT (store.database.request-timeout) must be a time from 100ms to 1h, but is soon.",
				"STORE_RETENTION_ENABLED (store.retention.enabled) must be true or false, but is perhaps.",
				"STORE_ACCESS_ORIGINS (store.access.origins) must be origins such as https://app.example.com, but is https://a.example,*.",
				"STORE_IDEMPOTENCY_KEEP (store.idempotency.keep) must be a time of at least 24h, but is 1h.",
				"STORE_LIMITS_BODY (store.limits.body) must be a size from 1B to 256MB, but is 1GB.",
				"MANAGEMENT_SERVER_PORT (management.server.port) must be a whole number from 0 to 65535, but is 99999.",
				"OTEL_EXPORTER_OTLP_ENDPOINT (otel.exporter.otlp.endpoint) must be a URL such as http://collector:4318, but is collector:4318.",
				"STORE_TAILS_WAKE_UPS (store.tails.wake-ups) must be postgresql or nats, but is foo.",
				"STORE_TAILS_NATS_URL (store.tails.nats-url) can't be used: it begins with neither nats:// nor tls://. Write ",
				"DATABASE_URL can't be used: ", "Correct these 15 settings")
			.doesNotContain("\tat ", "sekret");
	}

	@Test
	void aSettingThatAnotherOneNeedsIsTold(CapturedOutput output) {
		assertThatException().isThrownBy(() -> TestStore.start("h2:mem:alone", "store.tails.wake-ups=nats"));
		assertThat(output).contains(
				"STORE_TAILS_NATS_URL (store.tails.nats-url) must be a URL such as nats://host:4222 where STORE_TAILS_WAKE_UPS is nats, but is empty.",
				"Correct it");
	}

	@Test
	void aSecretThatCanNotBeReadIsNotTold(CapturedOutput output) {
		assertThatException().isThrownBy(() -> TestStore.start("h2:mem:alone", "store.tails.wake-ups=nats",
				"store.tails.nats-url=nats://ann:sek/ret@h:4222"));
		assertThat(output)
			.contains("STORE_TAILS_NATS_URL (store.tails.nats-url) can't be used: the host is missing", "Correct it")
			.doesNotContain("sek/ret");
	}

	@Test
	void aWrongSettingOfSpringBootIsTold(CapturedOutput output) {
		assertThatException()
			.isThrownBy(() -> TestStore.start("h2:mem:wrong", "spring.lifecycle.timeout-per-shutdown-phase=soon"));
		assertThat(output).contains(
				"SPRING_LIFECYCLE_TIMEOUT_PER_SHUTDOWN_PHASE (spring.lifecycle.timeout-per-shutdown-phase) must be a time such as 500ms, 3s or 10m, but is soon.",
				"Correct it");
	}

	@Test
	void anAddressOfAnotherMachineIsTold(CapturedOutput output) {
		assertThatException().isThrownBy(
				() -> TestStore.start("h2:mem:elsewhere", "server.address=192.0.2.1", "store.access.mode=open"));
		assertThat(output).contains("APPLICATION FAILED TO START", "The service can't listen at 192.0.2.1:",
				"Have SERVER_ADDRESS, or MANAGEMENT_SERVER_ADDRESS, be an address of this machine");
	}

	@Test
	void aMistypedPropertyIsWarnedOf(CapturedOutput output) {
		TestStore.start("h2:mem:mistyped", "management.server.port=0", "store.lanes.writer=2").close();
		assertThat(output).containsOnlyOnce(
				"store.lanes.writer is no setting of this service and is ignored; did you mean store.lanes.writers?");
	}

	@ParameterizedTest
	@CsvSource({ "STORE_ACESS_MODE, STORE_ACCESS_MODE", "STORE_DATABASE_POOL_ZISE, STORE_DATABASE_POOL_SIZE",
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
	@ValueSource(strings = { "STORE_ACCESS_MODE", "STORE_DATABASE_POOL_SIZE", "STORE_DATABASE_POOLSIZE",
			"STORE_ACCESS_ORIGINS_0", "STORE_SERVICE_HOST", "STORE_PORT", "STORE_PORT_80_TCP_ADDR", "PATH" })
	void otherVariablesAreLeftAlone(String variable) {
		assertThat(this.unknown.in(List.of(new SystemEnvironmentPropertySource("env", Map.of(variable, "x")))))
			.isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "store.access.mode", "store.database.poolSize", "store.database.pool_size",
			"store.access.origins[1]", "server.port" })
	void everySpellingThatSpringBootReadsIsKnown(String name) {
		assertThat(this.unknown.in(List.of(new MapPropertySource("arguments", Map.of(name, "x"))))).isEmpty();
	}

}
