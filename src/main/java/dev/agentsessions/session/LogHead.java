package dev.agentsessions.session;

import dev.agentsessions.database.rows.RowReader;

/**
 * What a session's log holds: exactly <code>firstSeq..lastSeq</code>, and nothing while
 * <code>firstSeq = lastSeq +
 * 1</code>.
 *
 * @param id of the session's row: never used twice; another one means another session,
 * even under the same key
 * @param deleted whether the session is soft-deleted
 */
public record LogHead(SessionKey key, long id, long firstSeq, long lastSeq, boolean deleted) {

	/** What is selected from <code>sessions</code> for it. */
	public static final String COLUMNS = "id, first_seq, last_seq, deleted_at is not null";

	/** How many messages the log holds. */
	public long messageCount() {
		return this.lastSeq - this.firstSeq + 1;
	}

	/**
	 * This head, unless the session is soft-deleted and the caller did not say
	 * <code>include_deleted=true</code>.
	 * @throws dev.agentsessions.problem.ProblemException (410)
	 */
	public LogHead requireVisible(boolean includeDeleted) {
		if (this.deleted && !includeDeleted) {
			throw SessionProblems.deleted();
		}
		return this;
	}

	public static LogHead of(SessionKey key, RowReader row) {
		return new LogHead(key, row.number(), row.number(), row.number(), row.flag());
	}

}
