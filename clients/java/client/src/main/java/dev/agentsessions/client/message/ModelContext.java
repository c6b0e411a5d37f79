package dev.agentsessions.client.message;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The newest messages that fit a model, ready to be sent to it.
 *
 * @param firstSeq the first message behind the instructions; null if there is none
 * @param lastSeq the last message; null if there is none
 * @param tokens of all these messages
 * @param estimatedTokens how many of them were guessed
 * @param omitted messages of the view that are neither here nor left out
 * @param leftOut messages that a model would not take
 * @param pendingToolCalls ids of calls at the end that wait for their results
 */
public record ModelContext(String sessionId, List<Message> messages, @Nullable Long firstSeq, @Nullable Long lastSeq,
		long tokens, long estimatedTokens, long omitted, List<LeftOut> leftOut, List<String> pendingToolCalls) {

	/**
	 * A message that a model would not take.
	 *
	 * @param reason {@code call-without-result} or {@code result-without-call}
	 */
	public record LeftOut(long seq, String reason) {

	}

}
