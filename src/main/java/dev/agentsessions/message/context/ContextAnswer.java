package dev.agentsessions.message.context;

import java.util.List;
import java.util.stream.Collectors;

import dev.agentsessions.web.json.JsonWriter;
import org.jspecify.annotations.Nullable;

/**
 * What is said of a context beside its messages.
 *
 * @param firstSeq of the messages behind the instructions; null without any message
 * @param tokens of all messages
 * @param estimatedTokens how many of these were guessed
 * @param omitted messages of the view that are neither here nor left out
 * @param leftOut messages that a model would not take
 * @param pendingToolCalls calls at the end that wait for their results
 */
record ContextAnswer(String sessionId, @Nullable Long firstSeq, @Nullable Long lastSeq, long tokens,
		long estimatedTokens, long omitted, List<ModelContext.LeftOut> leftOut, List<String> pendingToolCalls) {

	/** An object to which the messages are to be added. */
	byte[] json() {
		return new JsonWriter().raw("{")
			.text("session_id", this.sessionId)
			.number("first_seq", this.firstSeq)
			.number("last_seq", this.lastSeq)
			.number("tokens", this.tokens)
			.number("estimated_tokens", this.estimatedTokens)
			.number("omitted", this.omitted)
			.json("left_out",
					this.leftOut.stream()
						.map((each) -> new JsonWriter().raw("{")
							.number("seq", each.seq())
							.text("reason", each.reason())
							.raw("}")
							.toString())
						.collect(Collectors.joining(",", "[", "]")))
			.json("pending_tool_calls",
					this.pendingToolCalls.stream().map(JsonWriter::quoted).collect(Collectors.joining(",", "[", "]")))
			.toByteArray();
	}

}
