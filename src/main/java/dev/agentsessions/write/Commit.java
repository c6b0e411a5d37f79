package dev.agentsessions.write;

import java.util.List;

import dev.agentsessions.agent.LoggedSwitch;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionState;
import org.jspecify.annotations.Nullable;

/**
 * What has happened to one session, committed.
 *
 * @param before the session before it, and after it: how often it has changed hands is
 * not known; null if no more is known than that something may have happened
 * @param messages that were appended, ascending; none if they are many
 * @param switches that were made, ascending
 * @param epoch of the connection that it came by, see
 * {@link dev.agentsessions.database.Lanes#epoch}
 */
public record Commit(SessionKey session, @Nullable SessionState before, @Nullable SessionState after,
		List<EncodedMessage> messages, List<LoggedSwitch> switches, long epoch) {

	/** Something may have happened to this session; what, is to be looked up. */
	static Commit of(SessionKey session) {
		return new Commit(session, null, null, List.of(), List.of(), 0);
	}

	/**
	 * The state of a session that had this one, if these messages and switches are all
	 * that has happened to it; else null.
	 */
	public @Nullable SessionState after(SessionState known) {
		if (this.before == null || this.after == null || !this.before.exists() || this.before.deleted()
				|| this.after.id() != this.before.id() || this.after.firstSeq() != this.before.firstSeq()
				|| this.after.deleted() || known.id() != this.before.id() || known.lastSeq() != this.before.lastSeq()
				|| known.lastSwitchNo() != this.before.lastSwitchNo() || known.deleted()
				|| this.after.lastSeq() != this.before.lastSeq() + this.messages.size()
				|| this.after.lastSwitchNo() != this.before.lastSwitchNo() + this.switches.size()
				|| known.view().no() != this.before.view().no()) {
			return null;
		}
		boolean hasNewView = this.after.view().no() != this.before.view().no();
		return new SessionState(known.key(), known.id(), known.firstSeq(), this.after.lastSeq(),
				this.after.lastSwitchNo(), known.switchCount() + this.switches.size(), false,
				hasNewView ? this.after.view() : known.view());
	}

}
