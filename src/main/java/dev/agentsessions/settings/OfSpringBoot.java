package dev.agentsessions.settings;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Settings of Spring Boot, and of what it brings, that operators of this service need.
 */
final class OfSpringBoot {

	/** By the prefix of their names. */
	static final Map<String, Class<?>> RECORDS = Map.of("server", ServerPlace.class, "management.server",
			ServerPlace.class, "spring.liquibase", Liquibase.class, "spring.lifecycle", ShutdownTimes.class,
			"management.tracing.sampling", Sampling.class, "otel.exporter.otlp", Exporter.class);

	private OfSpringBoot() {
	}

	record ServerPlace(@Min(0) @Max(65_535) @Nullable Integer port, @Nullable InetAddress address) {
	}

	record Liquibase(@Nullable Boolean enabled) {
	}

	record ShutdownTimes(@Nullable Duration timeoutPerShutdownPhase) {
	}

	record Exporter(@Pattern(regexp = "https?://[^/\\s]+\\S*",
			message = "must be a URL such as http://collector:4318") @Nullable String endpoint) {
	}

	record Sampling(@Min(0) @Max(1) @Nullable Double probability) {
	}

}
