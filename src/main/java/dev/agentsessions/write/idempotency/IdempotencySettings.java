package dev.agentsessions.write.idempotency;

import java.time.Duration;

import org.hibernate.validator.constraints.time.DurationMin;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long an idempotency key is remembered.
 *
 * @param keep how long a key is remembered, at least; then it is as if it had never been
 * used
 */
@ConfigurationProperties("store.idempotency")
record IdempotencySettings(@DefaultValue("24h") @DurationMin(hours = 24) Duration keep) {
}
