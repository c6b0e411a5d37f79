package dev.agentsessions.client.tail;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The messages that are being written, as the events of one tail tell them. Not safe for
 * several threads at once; the events of a tail come one after the other.
 */
public final class DraftTexts {

	private final Map<Key, String> texts = new LinkedHashMap<>();

	/**
	 * Takes an event into account; any may be given, in their order.
	 * @return whether something has changed
	 * @throws IllegalStateException if a piece stands behind text that was not told
	 */
	public boolean apply(TailEvent event) {
		if (event instanceof TailEvent.Ready) {
			boolean had = !this.texts.isEmpty();
			this.texts.clear();
			return had;
		}
		if (event instanceof TailEvent.DraftWritten piece) {
			Key key = new Key(piece.sessionId(), piece.messageId());
			this.texts.put(key, joined(this.texts.getOrDefault(key, ""), piece));
			return true;
		}
		if (event instanceof TailEvent.DraftDiscarded discarded) {
			return this.texts.remove(new Key(discarded.sessionId(), discarded.messageId())) != null;
		}
		if (event instanceof TailEvent.Appended appended && appended.message().id() != null) {
			return this.texts.remove(new Key(appended.sessionId(), appended.message().id())) != null;
		}
		if (event instanceof TailEvent.SessionDeleted deleted) {
			return this.texts.keySet().removeIf((key) -> key.sessionId().equals(deleted.sessionId()));
		}
		return false;
	}

	private static String joined(String text, TailEvent.DraftWritten piece) {
		if (piece.offset() > text.codePointCount(0, text.length())) {
			throw new IllegalStateException("A piece of the draft " + piece.messageId() + " is missing");
		}
		return text.substring(0, text.offsetByCodePoints(0, piece.offset())) + piece.text();
	}

	/** The text so far; null if no such message is being written. */
	public @Nullable String text(String sessionId, String messageId) {
		return this.texts.get(new Key(sessionId, messageId));
	}

	/** All that are being written; the one that was begun first is the first. */
	public Map<Key, String> all() {
		return Collections.unmodifiableMap(this.texts);
	}

	/** Which draft. */
	public record Key(String sessionId, String messageId) {

	}

}
