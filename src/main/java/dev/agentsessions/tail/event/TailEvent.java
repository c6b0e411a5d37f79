package dev.agentsessions.tail.event;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.UnaryOperator;

import dev.agentsessions.agent.LoggedSwitch;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.paging.RowIds;
import dev.agentsessions.session.SessionState;
import dev.agentsessions.view.View;
import dev.agentsessions.web.json.JsonWriter;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a session, or to tell of a draft. Its bytes are made once
 * and shared by all who follow that session alone.
 */
public final class TailEvent {

	/** What is sent after some silence; no event for the follower. */
	public static final byte[] KEEP_ALIVE = utf8(": keep-alive\n\n");

	private final String name;

	/** A JSON object on one line. */
	private final byte[] data;

	private final @Nullable EncodedMessage message;

	/** Null of a draft: who comes back is told of all drafts again. */
	private final @Nullable Position after;

	/** Sent right before it, and reached with it; mostly null. */
	private final @Nullable TailEvent before;

	private volatile byte @Nullable [] bytes;

	private TailEvent(String name, byte[] data, @Nullable Position after) {
		this(name, data, null, after, null);
	}

	private TailEvent(String name, byte[] data, @Nullable EncodedMessage message, @Nullable Position after,
			@Nullable TailEvent before) {
		this.name = name;
		this.data = data;
		this.message = message;
		this.after = after;
		this.before = before;
	}

	public static TailEvent message(EncodedMessage message, Position after) {
		return new TailEvent("message", message.json(), message, after, null);
	}

	public static TailEvent agentSwitch(LoggedSwitch made, Position after) {
		return new TailEvent("agent_switch", made.json(), after);
	}

	/** The log was replaced by one that has this range. */
	public static TailEvent historyReplaced(SessionState state, Position after) {
		return new TailEvent("history_replaced",
				utf8("{\"first_seq\":" + state.firstSeq() + ",\"last_seq\":" + state.lastSeq() + "}"), after);
	}

	public static TailEvent view(View view, Position after) {
		return new TailEvent("view", utf8("{\"ranges\":" + view.rangesAsJson() + ",\"at_seq\":" + view.atSeq()
				+ ",\"view_no\":" + view.no() + "}"), after);
	}

	/** The agent context was removed or replaced. */
	public static TailEvent agentHistoryReplaced(Position after) {
		return new TailEvent("agent_history_replaced", utf8("{\"last_switch_no\":" + after.switchNo() + "}"), after);
	}

	public static TailEvent sessionDeleted(Position after) {
		return new TailEvent("session_deleted", utf8("{}"), after);
	}

	/** This one behind another one, without a position between them. */
	TailEvent behind(TailEvent before) {
		return new TailEvent(this.name, this.data, this.message, this.after, before);
	}

	/**
	 * More of a draft's text; none if it was cut off at the offset, or has only begun.
	 * @param offset code points before it
	 */
	public static TailEvent draft(String messageId, long offset, String text) {
		return new TailEvent("draft",
				new JsonWriter().raw("{")
					.text("message_id", messageId)
					.number("offset", offset)
					.text("text", text)
					.raw("}")
					.toByteArray(),
				null);
	}

	/** A draft ended without a message. */
	public static TailEvent draftDiscarded(String messageId) {
		return new TailEvent("draft_discarded",
				new JsonWriter().raw("{").text("message_id", messageId).raw("}").toByteArray(), null);
	}

	/** The caller's own name for the message that it is; null if it has none. */
	public @Nullable String messageId() {
		return (this.message != null) ? this.message.id() : null;
	}

	/** Whether who has got it is further than before; not if it tells of a draft. */
	public boolean movesPosition() {
		return this.after != null;
	}

	/** Where one is who has got this event, which {@link #movesPosition}. */
	public Position after() {
		return Objects.requireNonNull(this.after);
	}

	/** Whether nothing follows it unless the session comes back. */
	public boolean endsSession() {
		return this.after != null && this.after.gone();
	}

	/** Bytes, approximately. */
	public int size() {
		return this.data.length + 100 + ((this.before != null) ? this.before.size() : 0);
	}

	/** As it is sent to those who follow this session alone; not to be changed. */
	public byte[] bytes(RowIds rows) {
		byte[] made = this.bytes;
		if (made == null) {
			made = frames((this.after != null) ? this.after.id(rows) : null, UnaryOperator.identity());
			this.bytes = made;
		}
		return made;
	}

	/**
	 * As it is sent to those who follow several sessions.
	 * @param id all positions; null if it does not move one
	 */
	public byte[] bytes(@Nullable String id, String sessionId) {
		return frames(id, (data) -> named(sessionId, data));
	}

	private byte[] frames(@Nullable String id, UnaryOperator<byte[]> data) {
		byte[] last = frame(id, this.name, data.apply(this.data));
		if (this.before == null) {
			return last;
		}
		byte[] first = this.before.frames(null, data);
		return ByteBuffer.allocate(first.length + last.length).put(first).put(last).array();
	}

	/** A JSON object with the session that it is about as its first field. */
	private static byte[] named(String sessionId, byte[] data) {
		byte[] begin = utf8("{\"session_id\":" + JsonWriter.quoted(sessionId));
		ByteArrayOutputStream named = new ByteArrayOutputStream(begin.length + data.length + 1);
		named.writeBytes(begin);
		if (data.length > 2) {
			named.write(',');
		}
		named.write(data, 1, data.length - 1);
		return named.toByteArray();
	}

	/**
	 * An event as it is sent.
	 * @param id the position behind it; null if it does not move it
	 */
	public static byte[] frame(@Nullable String id, String name, byte[] data) {
		byte[] head = utf8(((id != null) ? "id: " + id + "\n" : "") + "event: " + name + "\ndata: ");
		byte[] frame = new byte[head.length + data.length + 2];
		System.arraycopy(head, 0, frame, 0, head.length);
		for (int i = 0; i < data.length; i++) {
			// JSON that was written into the database by hand may have line breaks
			// between its tokens
			frame[head.length + i] = (data[i] == '\n' || data[i] == '\r') ? (byte) ' ' : data[i];
		}
		frame[frame.length - 2] = '\n';
		frame[frame.length - 1] = '\n';
		return frame;
	}

	public static byte[] utf8(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
