package dev.agentsessions.message;

import java.util.List;

import dev.agentsessions.session.IdempotencyKey;
import dev.agentsessions.session.SessionKey;
import org.jspecify.annotations.Nullable;

/**
 * Messages to append, all or nothing.
 *
 * @param messages at least one
 * @param create whether to create the session if it does not exist
 * @param expectedLast the session's last as the caller knows it (<code>If-Match</code>),
 * null for any
 * @param expectedRow the session's row as the caller knows it, null for any
 * @param key null if the caller gave none
 * @param undecided whether the plain statement has found that the session is missing or
 * deleted
 */
record Append(SessionKey session, List<NewMessage> messages, boolean create, @Nullable Long expectedLast,
		@Nullable Long expectedRow, @Nullable IdempotencyKey key, boolean undecided) {

	Append(SessionKey session, List<NewMessage> messages, boolean create, @Nullable Long expectedLast,
			@Nullable IdempotencyKey key) {
		this(session, messages, create, expectedLast, null, key, false);
	}

	/** To a log that has to be as it is in this range. */
	static Append after(SessionKey session, LogRange range, List<NewMessage> messages) {
		return new Append(session, messages, false, range.to(), range.sessionDbId(), null, false);
	}

	/** Whether there is nothing to decide, if only the session is there. */
	boolean isPlain() {
		return this.key == null && this.expectedLast == null && !this.undecided;
	}

	/** The same after the plain statement has done nothing for it. */
	Append asUndecided() {
		return new Append(this.session, this.messages, this.create, this.expectedLast, this.expectedRow, this.key,
				true);
	}

	/** Approximate bytes. */
	long size() {
		return NewMessage.size(this.messages);
	}

	long tokens() {
		return this.messages.stream().mapToLong(NewMessage::tokens).sum();
	}

	/**
	 * Whether two of them can't be told apart, or decided on, in one statement: the same
	 * key, or a second condition on the same session.
	 */
	boolean excludes(Append other) {
		return this.session.equals(other.session) && ((this.expectedLast != null && other.expectedLast != null)
				|| (this.key != null && other.key != null && this.key.key().equals(other.key.key())));
	}

}
