package dev.agentsessions.connection;

import java.time.Duration;

import jakarta.validation.constraints.Min;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What clients may take of the service's connections.
 *
 * @param max connections at a time, streams included; those beyond are answered 503 and
 * closed
 * @param idle how long a connection may be open without a request, longer than the proxy
 * in front keeps it
 */
@ConfigurationProperties("store.connections")
public record ConnectionSettings(@DefaultValue("25000") @Min(1) int max,
		@DefaultValue("75s") @DurationMin(millis = 100) @DurationMax(hours = 1) Duration idle) {
}
