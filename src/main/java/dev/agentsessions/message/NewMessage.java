package dev.agentsessions.message;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.web.json.JsonTree;
import dev.agentsessions.web.json.JsonValues;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/**
 * A message that has been checked and can be stored. It has a content, as text or as
 * parts, or tool calls, or any other field.
 *
 * @param id the caller's name for it, unique in its session's log
 * @param role one of {@link MessageReader#ROLES}; empty for an item that has a
 * <code>type</code> instead
 * @param content as text, which may be empty; null beside parts
 * @param parts the content as an array of objects
 * @param toolCalls an array
 * @param tokenCount 0 to 10<sup>12</sup>
 * @param metadata an object
 * @param extra an object with all fields that the store does not know
 */
public record NewMessage(@Nullable String id, String role, @Nullable String content, @Nullable JsonText parts,
		@Nullable String name, @Nullable String toolCallId, @Nullable JsonText toolCalls, @Nullable Long tokenCount,
		@Nullable JsonText metadata, @Nullable JsonText extra) {

	private static final long MOST_TIMES = 8;

	private static final long MOST_MORE = 16 * 1024;

	/** Bytes of its text and JSON. */
	public long size() {
		return size(this.id) + size(this.content) + size(json(this.parts)) + size(this.name) + size(this.toolCallId)
				+ size(json(this.toolCalls)) + size(json(this.metadata)) + size(json(this.extra));
	}

	/**
	 * It takes no more bytes than this in PostgreSQL, which prints JSON with spaces, and
	 * numbers without exponents.
	 */
	public long mostStoredBytes() {
		return MOST_TIMES * size() + MOST_MORE + writtenOut(this.parts) + writtenOut(this.toolCalls)
				+ writtenOut(this.metadata) + writtenOut(this.extra);
	}

	/** Approximate bytes: what each message is plus what its row costs. */
	public static long size(List<NewMessage> messages) {
		return messages.stream().mapToLong(NewMessage::size).sum() + 100L * messages.size();
	}

	/** The ids that callers have given to these. */
	public static Set<String> ids(List<NewMessage> messages) {
		return messages.stream().map(NewMessage::id).filter(Objects::nonNull).collect(Collectors.toSet());
	}

	/** Whether it has anything that most messages lack: an id, or JSON. */
	public boolean isRich() {
		return this.id != null || this.toolCalls != null || this.metadata != null || this.parts != null
				|| this.extra != null;
	}

	public long tokens() {
		return (this.tokenCount != null) ? this.tokenCount : 0;
	}

	/** The same with other JSON. */
	public NewMessage withJson(@Nullable JsonText parts, @Nullable JsonText toolCalls, @Nullable JsonText metadata,
			@Nullable JsonText extra) {
		return new NewMessage(this.id, this.role, this.content, parts, this.name, this.toolCallId, toolCalls,
				this.tokenCount, metadata, extra);
	}

	/** The same under another id. */
	public NewMessage withId(String id) {
		return new NewMessage(id, this.role, this.content, this.parts, this.name, this.toolCallId, this.toolCalls,
				this.tokenCount, this.metadata, this.extra);
	}

	NewMessage withExtra(JsonText extra) {
		return withJson(this.parts, this.toolCalls, this.metadata, extra);
	}

	/** Whether both are the same message; JSON is compared by value. */
	public boolean isSameAs(NewMessage other) {
		return withJson(null, null, null, null).equals(other.withJson(null, null, null, null))
				&& JsonValues.equal(this.parts, other.parts) && JsonValues.equal(this.toolCalls, other.toolCalls)
				&& JsonValues.equal(this.metadata, other.metadata) && JsonValues.equal(this.extra, other.extra);
	}

	public static @Nullable String json(@Nullable JsonText json) {
		return (json != null) ? json.json() : null;
	}

	private static long writtenOut(@Nullable JsonText json) {
		return (json != null) ? JsonTree.writtenOut(json.json()) : 0;
	}

	private static long size(@Nullable String text) {
		return (text != null) ? ByteBufUtil.utf8Bytes(text) : 0;
	}

}
