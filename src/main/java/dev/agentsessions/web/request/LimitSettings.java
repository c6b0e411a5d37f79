package dev.agentsessions.web.request;

import org.jspecify.annotations.Nullable;

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
 * @param history the messages that one saved history may write, which is one transaction;
 * 1 to 1000000
 * @param switches the entries of the <code>agent_history</code> of one saved context; 1
 * to 1000000
 * @param values how many values the JSON of a body or line may have, at any depth: each
 * takes up to some 170 bytes while it is read; 1 to 100000000
 * @param bodies all bodies that are being read or carried out at a time, but for NDJSON;
 * beyond it the answer is 503, except to one that is alone; an eighth of the heap unless
 * set; at least 1B
 */
@ConfigurationProperties("store.limits")
public record LimitSettings(@DefaultValue("1MB") DataSize message, @DefaultValue("16MB") DataSize body,
		@DefaultValue("1MB") DataSize line, @DefaultValue("20000") int history, @DefaultValue("10000") int switches,
		@DefaultValue("500000") int values, @Nullable DataSize bodies) {

	public LimitSettings {
		requireSize("message", message);
		requireSize("body", body);
		requireSize("line", line);
		requireCount("history", history, 1_000_000);
		requireCount("switches", switches, 1_000_000);
		requireCount("values", values, 100_000_000);
		if (bodies != null && bodies.toBytes() < 1) {
			throw new IllegalArgumentException("store.limits.bodies must be at least 1B, but is " + bodies);
		}
	}

	/** The most bytes of all bodies together. */
	long allBodies() {
		return (this.bodies != null) ? this.bodies.toBytes() : Runtime.getRuntime().maxMemory() / 8;
	}

	private static void requireCount(String name, int count, int most) {
		if (count < 1 || count > most) {
			throw new IllegalArgumentException(
					"store.limits." + name + " must be from 1 to " + most + ", but is " + count);
		}
	}

	private static void requireSize(String name, DataSize size) {
		if (size.toBytes() < 1 || size.toBytes() > DataSize.ofMegabytes(256).toBytes()) {
			throw new IllegalArgumentException("store.limits." + name + " must be from 1B to 256MB, but is " + size);
		}
	}

}
