package dev.agentsessions.web.request;

import org.springframework.stereotype.Component;

/**
 * How much memory requests may take.
 *
 * @param values how many values the JSON of a body or line may have, at any depth: each
 * takes up to some 170 bytes while it is read; beyond it the answer is 413
 * @param bodies bytes of all bodies that are being read or carried out at a time, of
 * NDJSON those of lines that have not been written yet; beyond it the answer is 503,
 * except to one that is alone
 */
@Component
public record RequestMemory(int values, long bodies) {

	/** An eighth of the heap for bodies. */
	public RequestMemory() {
		this(500_000, Runtime.getRuntime().maxMemory() / 8);
	}

}
