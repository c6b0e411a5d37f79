package dev.agentsessions.session;

import dev.agentsessions.database.BucketKey;
import dev.agentsessions.database.rows.RowReader;
import dev.agentsessions.view.View;

/**
 * How far a session has come: what a follower compares its position with. States of one
 * row only grow, but for {@link #deleted}.
 *
 * @param id of the session's row, 0 if there is none
 * @param firstSeq where the log begins: numbers below it were replaced
 * @param lastSwitchNo the last number that its switches have used
 * @param switchCount how often it changed hands
 * @param deleted whether the session is soft-deleted
 * @param view what a model sees of the log
 */
public record SessionState(SessionKey key, long id, long firstSeq, long lastSeq, long lastSwitchNo, long switchCount,
		boolean deleted, View view) implements BucketKey {

	/** What is selected from <code>sessions</code> for it. */
	public static final String COLUMNS = """
			id, first_seq, last_seq, last_switch_no,
			coalesce((select switch_count from agent_contexts c where c.session_db_id = sessions.id), 0),
			deleted_at is not null, last_view_no, view_json""";

	/** The state of a session that does not exist. */
	public static SessionState none(SessionKey key) {
		return new SessionState(key, 0, 1, 0, 0, 0, false, View.numbered(0));
	}

	@Override
	public int number() {
		return this.key.number();
	}

	public boolean exists() {
		return this.id != 0;
	}

	/** The same session after an append. */
	public SessionState appendedUpTo(long seq) {
		return new SessionState(this.key, this.id, this.firstSeq, seq, this.lastSwitchNo, this.switchCount,
				this.deleted, this.view);
	}

	/** From a row with the {@link #COLUMNS}. */
	public static SessionState of(SessionKey key, RowReader row) {
		long id = row.number();
		long firstSeq = row.number();
		return new SessionState(key, id, firstSeq, row.number(), row.number(), row.number(), row.flag(),
				View.of(row.number(), firstSeq, row.json()));
	}

}
