package dev.agentsessions.message.context;

import org.jspecify.annotations.Nullable;

/**
 * How much a model takes.
 *
 * @param maxTokens null for any number
 * @param maxMessages null for any number
 */
record ContextLimits(@Nullable Long maxTokens, @Nullable Long maxMessages) {

	boolean allow(long tokens, long messages) {
		return allowsTokens(tokens) && (this.maxMessages == null || messages <= this.maxMessages);
	}

	/** What the limit that does not allow this would have to be. */
	long needed(long tokens, long messages) {
		return allowsTokens(tokens) ? messages : tokens;
	}

	private boolean allowsTokens(long tokens) {
		return this.maxTokens == null || tokens <= this.maxTokens;
	}

}
