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

	/** The limit that does not allow this. */
	TooSmall tooSmall(long tokens, long messages) {
		return allowsTokens(tokens) ? new TooSmall("messages", messages) : new TooSmall("tokens", tokens);
	}

	private boolean allowsTokens(long tokens) {
		return this.maxTokens == null || tokens <= this.maxTokens;
	}

	/**
	 * A limit that allows nothing.
	 *
	 * @param of what it is the most
	 * @param needed how many it would have to allow, at least
	 */
	record TooSmall(String of, long needed) {
	}

}
