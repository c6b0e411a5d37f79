package dev.agentsessions.message;

import java.util.List;

import dev.agentsessions.database.rows.JsonText;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/**
 * A message that has been checked and can be stored.
 *
 * @param role user, assistant, system or tool
 * @param content not empty; null only beside toolCalls
 * @param toolCalls an array
 * @param tokenCount 0 to 10<sup>12</sup>
 * @param metadata an object
 */
public record NewMessage(String role, @Nullable String content, @Nullable String name, @Nullable String toolCallId,
		@Nullable JsonText toolCalls, @Nullable Long tokenCount, @Nullable JsonText metadata) {

	/** Bytes of its text and JSON. */
	public long size() {
		return size(this.content) + size(this.name) + size(this.toolCallId) + size(json(this.toolCalls))
				+ size(json(this.metadata));
	}

	/** Approximate bytes: what each message is plus what its row costs. */
	public static long size(List<NewMessage> messages) {
		return messages.stream().mapToLong(NewMessage::size).sum() + 100L * messages.size();
	}

	public boolean hasJson() {
		return this.toolCalls != null || this.metadata != null;
	}

	public long tokens() {
		return (this.tokenCount != null) ? this.tokenCount : 0;
	}

	/** This message with other tool calls and metadata. */
	public NewMessage withJson(@Nullable JsonText toolCalls, @Nullable JsonText metadata) {
		return new NewMessage(this.role, this.content, this.name, this.toolCallId, toolCalls, this.tokenCount,
				metadata);
	}

	public static @Nullable String json(@Nullable JsonText json) {
		return (json != null) ? json.json() : null;
	}

	private static long size(@Nullable String text) {
		return (text != null) ? ByteBufUtil.utf8Bytes(text) : 0;
	}

}
