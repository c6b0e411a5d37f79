package dev.agentsessions.write;

import java.time.Instant;
import java.util.Objects;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.view.View;
import dev.agentsessions.web.json.JsonWriter;
import dev.agentsessions.web.json.Times;
import org.jspecify.annotations.Nullable;

/**
 * What a write did, or had done the first time.
 *
 * @param session as it is after it, null for a plain append; its details are there if the
 * write has any, or has restored the session
 * @param context the agent context after it; its metadata and last switch are there if
 * the write has saved the context
 * @param firstSeq of the messages; null if it had none
 * @param lastSeq the session's last after it
 * @param agentSwitch as it is answered; null if it had none
 * @param at the time of everything that it wrote
 * @param replayed whether this repeats the answer to an earlier request
 * @param view what it has made of the session's view; null if it left it
 * @param known how many of the messages were not written again
 */
public record Written(@Nullable SessionRow session, @Nullable HeldContext context, @Nullable Long firstSeq,
		long lastSeq, @Nullable JsonText agentSwitch, Instant at, boolean replayed, @Nullable View view, int known) {

	public static Written again(LockedSession session, KeptAnswer kept) {
		return new Written(session.row(), session.context(), kept.firstSeq(), kept.lastSeq(), kept.agentSwitch(),
				kept.createdAt(), true, kept.keptView(), 0);
	}

	/**
	 * How many messages the view had with it. A repeated answer has where its log began
	 * in place of where it ended: see {@link KeptAnswer#json}.
	 */
	public long viewedMessages() {
		View changed = Objects.requireNonNull(this.view);
		return changed.messageCount(this.replayed ? changed.atSeq() : Objects.requireNonNull(this.session).firstSeq(),
				this.lastSeq);
	}

	/** As an append is answered. */
	public byte[] asAppend(SessionKey session) {
		return new JsonWriter().raw("{")
			.text("session_id", session.sessionId())
			.number("first_seq", this.firstSeq)
			.number("last_seq", this.lastSeq)
			.text("timestamp", Times.format(this.at))
			.raw("}")
			.toByteArray();
	}

}
