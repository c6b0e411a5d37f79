package dev.agentsessions.session;

import java.time.Instant;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.database.rows.RowReader;
import org.jspecify.annotations.Nullable;

/**
 * A session as it is stored. Its log holds exactly <code>firstSeq..lastSeq</code>, and is
 * empty while <code>firstSeq = lastSeq + 1</code>.
 *
 * @param id never used twice; another one means another session, even under the same
 * session id
 */
public record SessionRow(long id, String tenant, String sessionId, Instant createdAt, Instant lastActivity,
		boolean isActive, @Nullable Instant deletedAt, @Nullable JsonText metadataJson, long firstSeq, long lastSeq,
		long totalTokens, @Nullable Instant lastMessageAt) {

	/** The columns of a row. */
	public static final String COLUMNS = """
			id, tenant, session_id, cast(created_at as varchar), cast(last_activity as varchar), is_active,
			cast(deleted_at as varchar), cast(metadata_json as text), first_seq, last_seq, total_tokens,
			cast(last_message_at as varchar)""";

	/** What its log holds. */
	public LogHead head() {
		return new LogHead(new SessionKey(this.tenant, this.sessionId), this.id, this.firstSeq, this.lastSeq,
				this.deletedAt != null);
	}

	/** How many messages the log holds. */
	public long messageCount() {
		return this.lastSeq - this.firstSeq + 1;
	}

	/**
	 * This session, unless it is soft-deleted and the caller did not say
	 * <code>include_deleted=true</code>.
	 * @throws dev.agentsessions.problem.ProblemException (410)
	 */
	public SessionRow requireVisible(boolean includeDeleted) {
		if (this.deletedAt != null && !includeDeleted) {
			throw SessionProblems.deleted();
		}
		return this;
	}

	public static SessionRow of(RowReader row) {
		return new SessionRow(row.number(), row.text(), row.text(), row.time(), row.time(), row.flag(),
				row.optionalTime(), row.json(), row.number(), row.number(), row.number(), row.optionalTime());
	}

}
