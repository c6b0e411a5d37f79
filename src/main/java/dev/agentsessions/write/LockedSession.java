package dev.agentsessions.write;

import java.time.Instant;
import java.util.Map;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.database.rows.RowReader;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.session.SessionState;
import dev.agentsessions.view.View;
import org.jspecify.annotations.Nullable;

/**
 * A session whose row a batch has locked, as it was found or as the writes before have
 * left it. What it says holds until the batch has ended.
 *
 * @param exists whether it is there: if not, what follows is what it will begin with
 * @param id of its row; of one that is not there, the id that it will have
 * @param details none if they were not asked for
 * @param context null for none, or if it was not asked for
 * @param contextId of the context's row, or the id that it will have
 * @param removed whether it is out of reach: its row waits to be removed
 * @param view what a model sees of the log
 * @param forkedFrom the session that it is a fork of, null for none
 * @param kept the answers under those of the batch's keys that are known
 * @param known the messages under those of the batch's ids of messages that are known
 */
public record LockedSession(SessionKey key, boolean exists, long id, long firstSeq, long lastSeq, long lastSwitchNo,
		long totalTokens, Instant createdAt, Instant lastActivity, @Nullable Instant lastMessageAt,
		@Nullable Instant deletedAt, SessionDetails details, @Nullable HeldContext context, long contextId,
		boolean removed, View view, @Nullable JsonText forkedFrom, Map<String, KeptAnswer> kept,
		Map<String, KnownMessage> known) {

	/** One that is not there. */
	public static LockedSession missing(SessionKey key, long id, long contextId) {
		return new LockedSession(key, false, id, 1, 0, 0, 0, Instant.EPOCH, Instant.EPOCH, null, null,
				SessionDetails.NONE, null, contextId, false, View.numbered(0), null, Map.of(), Map.of());
	}

	/** From a row, which one that is not there has as well. */
	public static LockedSession read(SessionKey key, RowReader row) {
		boolean exists = row.flag();
		long id = row.number();
		long firstSeq = row.number();
		return new LockedSession(key, exists, id, firstSeq, row.number(), row.number(), row.number(), row.time(),
				row.time(), row.optionalTime(), row.optionalTime(), SessionDetails.ofTexts(row.texts()), null, 0, false,
				View.of(row.number(), firstSeq, row.json()), row.json(), Map.of(), Map.of());
	}

	/** This session with what belongs to it: its context, and the answers under keys. */
	public LockedSession with(long contextId, @Nullable HeldContext context, Map<String, KeptAnswer> kept) {
		return with(contextId, context, kept, this.known);
	}

	/** The same with messages that are known. */
	public LockedSession withKnown(Map<String, KnownMessage> known) {
		return with(this.contextId, this.context, this.kept, known);
	}

	private LockedSession with(long contextId, @Nullable HeldContext context, Map<String, KeptAnswer> kept,
			Map<String, KnownMessage> known) {
		return new LockedSession(this.key, this.exists, this.id, this.firstSeq, this.lastSeq, this.lastSwitchNo,
				this.totalTokens, this.createdAt, this.lastActivity, this.lastMessageAt, this.deletedAt, this.details,
				context, contextId, this.removed, this.view, this.forkedFrom, kept, known);
	}

	public boolean isDeleted() {
		return this.deletedAt != null;
	}

	/** The name under which its row is found from now on. */
	public String storedTenant() {
		return this.removed ? SessionKey.PURGED : this.key.tenant();
	}

	/** The name under which its row is found from now on. */
	public String storedId() {
		return this.removed ? Long.toString(this.id) : this.key.sessionId();
	}

	public LogRange log() {
		return this.exists ? new LogRange(this.id, this.firstSeq, this.lastSeq) : LogRange.NONE;
	}

	/** How far it has come; how often it changed hands is not known here. */
	public SessionState state() {
		return (this.exists && !this.removed) ? new SessionState(this.key, this.id, this.firstSeq, this.lastSeq,
				this.lastSwitchNo, 0, isDeleted(), this.view) : SessionState.none(this.key);
	}

	/** This session as answers show it. */
	public SessionRow row() {
		return new SessionRow(this.id, this.key.tenant(), this.key.sessionId(), this.createdAt, this.lastActivity,
				this.deletedAt, this.details, this.firstSeq, this.lastSeq, this.totalTokens, this.lastMessageAt,
				this.view, this.forkedFrom);
	}

	/**
	 * A message that is in the log under an id of the caller's.
	 *
	 * @param message null if it is too large to be one that was sent with the batch
	 */
	public record KnownMessage(long seq, @Nullable EncodedMessage message) {

		/** Whether it is the one that is sent. */
		public boolean isSame(NewMessage sent) {
			return this.message != null && this.message.isSame(sent);
		}

	}

}
