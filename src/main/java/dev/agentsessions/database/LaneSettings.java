package dev.agentsessions.database;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How many lanes there are.
 *
 * @param writers lanes for writes, one connection each; on H2 there is one in any case.
 * With more buckets than this there is one for each, and so many are at work at once
 * @param readers lanes for reads, one connection each: one for look-ups of sessions, the
 * others for ranges of messages. With more buckets than this there is one for each, and
 * so many are at work at once
 */
@ConfigurationProperties("store.lanes")
public record LaneSettings(@DefaultValue("2") @Min(1) @Max(64) int writers,
		@DefaultValue("3") @Min(1) @Max(64) int readers) {
}
