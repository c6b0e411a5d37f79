package dev.agentsessions.client.message;

import org.jspecify.annotations.Nullable;

/**
 * What fits a model.
 *
 * @param keepInstructions whether system and developer messages come first, and count
 */
public record ContextLimits(@Nullable Long maxTokens, @Nullable Long maxMessages, boolean keepInstructions) {

	public static ContextLimits tokens(long maxTokens) {
		return new ContextLimits(maxTokens, null, true);
	}

	public static ContextLimits messages(long maxMessages) {
		return new ContextLimits(null, maxMessages, true);
	}

	public ContextLimits andMessages(long maxMessages) {
		return new ContextLimits(this.maxTokens, maxMessages, this.keepInstructions);
	}

	public ContextLimits withoutInstructions() {
		return new ContextLimits(this.maxTokens, this.maxMessages, false);
	}

}
