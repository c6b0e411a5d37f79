package dev.agentsessions.web.request;

import dev.agentsessions.settings.SizeBounds;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How large what comes in may be. Beyond a limit the answer is 413 and nothing is
 * written.
 *
 * @param message one message, or the metadata of a session or context, without the
 * escapes of JSON; a line of an NDJSON body, with them
 * @param body one request body, but for NDJSON, which may be of any length; and what fits
 * a model, as it is answered
 * @param history the messages that one saved history may write, which is one transaction
 */
@ConfigurationProperties("store.limits")
public record LimitSettings(@DefaultValue("1MB") @SizeBounds(min = "1B", max = "256MB") DataSize message,
		@DefaultValue("16MB") @SizeBounds(min = "1B", max = "256MB") DataSize body,
		@DefaultValue("20000") @Min(1) @Max(1_000_000) int history) {
}
