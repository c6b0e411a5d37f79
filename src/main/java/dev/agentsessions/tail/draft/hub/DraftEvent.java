package dev.agentsessions.tail.draft.hub;

import dev.agentsessions.tail.event.TailEvent;
import dev.agentsessions.web.json.JsonWriter;
import org.jspecify.annotations.Nullable;

/**
 * Something to tell of a draft. It has no position: who comes back is told of all drafts
 * again. Its bytes are made once and shared by all who follow that session alone.
 */
public final class DraftEvent {

	private final String name;

	/** A JSON object on one line. */
	private final byte[] data;

	private volatile byte @Nullable [] bytes;

	private DraftEvent(String name, byte[] data) {
		this.name = name;
		this.data = data;
	}

	/**
	 * More of the text; none if it was cut off at the offset, or has only begun.
	 * @param offset code points before it
	 */
	static DraftEvent text(String messageId, long offset, String text) {
		return new DraftEvent("draft",
				new JsonWriter().raw("{")
					.text("message_id", messageId)
					.number("offset", offset)
					.text("text", text)
					.raw("}")
					.toByteArray());
	}

	/** It ended without a message. */
	static DraftEvent discarded(String messageId) {
		return new DraftEvent("draft_discarded",
				new JsonWriter().raw("{").text("message_id", messageId).raw("}").toByteArray());
	}

	/** As it is sent to those who follow this session alone; not to be changed. */
	public byte[] bytes() {
		byte[] made = this.bytes;
		if (made == null) {
			made = TailEvent.frame(null, this.name, this.data);
			this.bytes = made;
		}
		return made;
	}

	/** As it is sent to those who follow several sessions. */
	public byte[] bytes(String sessionId) {
		return TailEvent.frame(null, this.name, TailEvent.named(sessionId, this.data));
	}

}
