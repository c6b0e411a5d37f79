package dev.agentsessions.message;

import java.time.Instant;
import java.util.List;

import dev.agentsessions.session.SessionKey;
import org.jspecify.annotations.Nullable;

/**
 * A whole history to save, and what it was compared with.
 *
 * @param messages all of it
 * @param lastActivity what to record as the last activity, null for now
 * @param compared the log it was compared with, null if there was no session
 * @param stored how many of the messages that log holds already, -1 if it holds something
 * else
 */
record HistorySave(SessionKey session, List<NewMessage> messages, @Nullable Instant lastActivity,
		@Nullable LogRange compared, int stored) {

	/** The most messages of a usual append. */
	private static final int SHORT = 1000;

	/**
	 * Whether there are only a few more messages than are stored, so that one statement
	 * can save them.
	 */
	boolean isShortAppend() {
		return this.compared != null && this.stored >= 0 && this.lastActivity == null && toWrite() > 0
				&& toWrite() <= SHORT;
	}

	/** Those that are not stored, if the log is still as it was. */
	List<NewMessage> rest() {
		return this.messages.subList(Math.max(0, this.stored), this.messages.size());
	}

	/** How many messages have to be written, if the log is still as it was. */
	int toWrite() {
		return this.messages.size() - Math.max(0, this.stored);
	}

	/** Approximate bytes of those. */
	long size() {
		return NewMessage.size(rest());
	}

}
