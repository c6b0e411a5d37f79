package dev.agentsessions.tail.draft;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How many messages may be in the making. The text of each may be as large as a message.
 *
 * @param maxPerSession the most open drafts of one session; beyond it the answer is 429
 * @param maxPerTenant the most open drafts of one tenant, all replicas together; beyond
 * it the answer is 429
 */
@ConfigurationProperties("store.drafts")
record DraftSettings(@DefaultValue("16") @Min(1) @Max(1000) int maxPerSession,
		@DefaultValue("5000") @Min(1) @Max(1_000_000) int maxPerTenant) {
}
