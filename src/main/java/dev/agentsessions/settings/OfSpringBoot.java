package dev.agentsessions.settings;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.jspecify.annotations.Nullable;

/**
 * Settings of Spring Boot that operators of this service need.
 */
final class OfSpringBoot {

	/** By the prefix of their names. */
	static final Map<String, Class<?>> RECORDS = Map.of("server", ServerPlace.class, "management.server",
			ServerPlace.class, "spring.liquibase", Liquibase.class, "spring.lifecycle", ShutdownTimes.class,
			"management.tracing.sampling", Sampling.class);

	private OfSpringBoot() {
	}

	record ServerPlace(@Min(0) @Max(65_535) @Nullable Integer port, @Nullable InetAddress address) {
	}

	record Liquibase(@Nullable Boolean enabled) {
	}

	record ShutdownTimes(@Nullable Duration timeoutPerShutdownPhase) {
	}

	record Sampling(@Min(0) @Max(1) @Nullable Double probability) {
	}

}
