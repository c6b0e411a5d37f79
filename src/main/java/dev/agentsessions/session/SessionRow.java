package dev.agentsessions.session;

import java.time.Instant;

import dev.agentsessions.database.Columns;
import dev.agentsessions.database.JsonText;
import io.r2dbc.spi.Readable;
import org.jspecify.annotations.Nullable;

import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;

/**
 * A session as it is stored. Its log holds exactly <code>firstSeq..lastSeq</code>, and is
 * empty while <code>firstSeq = lastSeq + 1</code>.
 *
 * @param id never used twice; another one means another session, even under the same
 * session id
 */
@Table("sessions")
public record SessionRow(@Id long id, String tenant, String sessionId, Instant createdAt, Instant lastActivity,
		boolean isActive, @Nullable Instant deletedAt, @Nullable JsonText metadataJson, long firstSeq, long lastSeq,
		long totalTokens, @Nullable Instant lastMessageAt) {

	/** The columns of a row; JSON as text. */
	public static final String COLUMNS = """
			id, tenant, session_id, created_at, last_activity, is_active, deleted_at,
			cast(metadata_json as text) as metadata_json, first_seq, last_seq, total_tokens, last_message_at""";

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

	public static SessionRow of(Readable row) {
		return new SessionRow(Columns.number(row, "id"), Columns.text(row, "tenant"), Columns.text(row, "session_id"),
				Columns.time(row, "created_at"), Columns.time(row, "last_activity"),
				Boolean.TRUE.equals(row.get("is_active", Boolean.class)), Columns.optionalTime(row, "deleted_at"),
				Columns.json(row, "metadata_json"), Columns.number(row, "first_seq"), Columns.number(row, "last_seq"),
				Columns.number(row, "total_tokens"), Columns.optionalTime(row, "last_message_at"));
	}

}
