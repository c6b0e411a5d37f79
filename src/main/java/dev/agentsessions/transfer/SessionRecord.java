package dev.agentsessions.transfer;

import java.time.Instant;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.view.View;
import org.jspecify.annotations.Nullable;

/**
 * A session on its way.
 *
 * @param firstSeq the number of its first message; the log goes on from there without
 * gaps
 * @param lastSwitchNo the last number that its switches have used; null for that of the
 * last switch
 * @param view what a model sees of the log
 * @param forkedFrom the session that it is a fork of, null for none
 */
public record SessionRecord(SessionKey key, Instant createdAt, Instant lastActivity, @Nullable Instant deletedAt,
		SessionDetails details, long firstSeq, @Nullable Long lastSwitchNo, View view, @Nullable JsonText forkedFrom) {

	/** Whatever the source says of it: in the store this follows from the deletion. */
	public boolean isActive() {
		return this.deletedAt == null;
	}

}
