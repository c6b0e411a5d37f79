package dev.agentsessions.tail;

import jakarta.validation.constraints.Min;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How many live tails there may be.
 *
 * @param maxStreams the most open streams on a replica; beyond it the answer is 503
 * @param maxStreamsPerTenant the most open streams of one tenant on a replica; beyond it
 * the answer is 429; with the default no tenant can fill a replica by itself
 * @param maxSessionsPerTenant the most sessions that the streams of one tenant on a
 * replica follow together, each counted for every stream; beyond it the answer is 429
 */
@ConfigurationProperties("store.tails")
record TailSettings(@DefaultValue("20000") @Min(1) int maxStreams,
		@DefaultValue("15000") @Min(1) int maxStreamsPerTenant,
		@DefaultValue("20000") @Min(1) int maxSessionsPerTenant) {
}
