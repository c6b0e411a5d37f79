package dev.agentsessions.session;

import java.time.Instant;
import java.util.List;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.database.rows.RowReader;
import dev.agentsessions.paging.PagePieces;
import dev.agentsessions.view.View;
import org.jspecify.annotations.Nullable;

/**
 * A session as it is stored. Its log holds exactly <code>firstSeq..lastSeq</code>, and is
 * empty while <code>firstSeq = lastSeq + 1</code>.
 *
 * @param id never used twice; another one means another session, even under the same
 * session id
 */
public record SessionRow(long id, String tenant, String sessionId, Instant createdAt, Instant lastActivity,
		@Nullable Instant deletedAt, SessionDetails details, long firstSeq, long lastSeq, long totalTokens,
		@Nullable Instant lastMessageAt, View view, @Nullable JsonText forkedFrom) {

	/** The columns of a row. All have names: H2 takes the others for equal. */
	public static final String COLUMNS = """
			id, tenant, session_id, cast(created_at as varchar) created, cast(last_activity as varchar) active,
			cast(deleted_at as varchar) deleted, first_seq, last_seq, total_tokens,
			cast(last_message_at as varchar) last_message, last_view_no, cast(view_json as text) view_text,
			cast(forked_from_json as text) forked_from, """ + SessionDetails.COLUMNS;

	/** The length of what may be large. */
	public static final String BYTES = PagePieces.bytes("metadata_json");

	public SessionKey key() {
		return new SessionKey(this.tenant, this.sessionId);
	}

	/** What its log holds. */
	public LogHead head() {
		return new LogHead(key(), this.id, this.firstSeq, this.lastSeq, this.deletedAt != null);
	}

	/** What of the log a model sees, in its order. */
	public List<View.Range> viewed() {
		return this.view.in(this.firstSeq, this.lastSeq);
	}

	/** How many bytes it takes at least; the rest is small. */
	public long bytes() {
		return JsonText.size(this.details.metadata());
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
		long id = row.number();
		String tenant = row.text();
		String sessionId = row.text();
		Instant createdAt = row.time();
		Instant lastActivity = row.time();
		Instant deletedAt = row.optionalTime();
		long firstSeq = row.number();
		long lastSeq = row.number();
		long totalTokens = row.number();
		Instant lastMessageAt = row.optionalTime();
		View view = View.of(row.number(), firstSeq, row.json());
		JsonText forkedFrom = row.json();
		return new SessionRow(id, tenant, sessionId, createdAt, lastActivity, deletedAt, SessionDetails.of(row),
				firstSeq, lastSeq, totalTokens, lastMessageAt, view, forkedFrom);
	}

}
