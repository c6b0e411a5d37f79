package dev.agentsessions.web;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How large what comes in may be. Beyond a limit the answer is 413 and nothing is
 * written.
 *
 * @param message one message, or the metadata of a session or context, as JSON; 1B to
 * 256MB
 * @param body one request body, but for NDJSON, which may be of any length; 1B to 256MB
 * @param line one line of an NDJSON body; 1B to 256MB
 * @param history the messages of one saved history, which is one transaction; 1 to
 * 1000000
 * @param switches the entries of the <code>agent_history</code> of one saved context; 1
 * to 1000000
 */
@ConfigurationProperties("store.limits")
public record LimitSettings(@DefaultValue("1MB") DataSize message, @DefaultValue("16MB") DataSize body,
		@DefaultValue("1MB") DataSize line, @DefaultValue("20000") int history, @DefaultValue("10000") int switches) {

	public LimitSettings {
		requireSize("message", message);
		requireSize("body", body);
		requireSize("line", line);
		requireCount("history", history);
		requireCount("switches", switches);
	}

	private static void requireCount(String name, int count) {
		if (count < 1 || count > 1_000_000) {
			throw new IllegalArgumentException("store.limits." + name + " must be from 1 to 1000000, but is " + count);
		}
	}

	private static void requireSize(String name, DataSize size) {
		if (size.toBytes() < 1 || size.toBytes() > DataSize.ofMegabytes(256).toBytes()) {
			throw new IllegalArgumentException("store.limits." + name + " must be from 1B to 256MB, but is " + size);
		}
	}

}
