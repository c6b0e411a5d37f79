package dev.agentsessions.transfer.legacy;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;

import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.transfer.ContextRecord;
import dev.agentsessions.transfer.Rejects;
import dev.agentsessions.transfer.SessionRecord;
import dev.agentsessions.transfer.legacy.value.OldColumns;
import dev.agentsessions.transfer.legacy.value.OldRow;
import dev.agentsessions.transfer.legacy.value.OldTimes;
import dev.agentsessions.view.View;
import dev.agentsessions.web.json.JsonTree;
import org.jspecify.annotations.Nullable;

/**
 * Rows of the older service's sessions, of either layout.
 *
 * @param tenant whose sessions they will be
 */
record OldSessions(String tenant, OldTimes times, Rejects rejects) {

	/** A session; null if it is rejected. */
	@Nullable SessionRecord read(OldRow row, Original original) throws SQLException, IOException {
		String id = row.required("session_id");
		if (!accepts(id, original)) {
			return null;
		}
		Instant created = OldColumns.time(row, "created_at", id, "", this.times, this.rejects);
		Instant activity = OldColumns.time(row, "last_activity", id, "", this.times, this.rejects);
		Instant deleted = OldColumns.time(row, "deleted_at", id, "", this.times, this.rejects);
		if (deleted == null && row.text("deleted_at") != null) {
			// whenever that was, it stays deleted
			deleted = OldColumns.firstOf(activity, created);
		}
		return new SessionRecord(new SessionKey(this.tenant, id), OldColumns.firstOf(created, activity),
				OldColumns.firstOf(activity, created), deleted, SessionDetails.NONE, 1, null, View.numbered(0), null);
	}

	/** The empty session of a context that has none; null if it is rejected. */
	@Nullable SessionRecord of(OldRow contextRow, ContextRecord context, Original original) throws SQLException, IOException {
		String id = contextRow.required("session_id");
		return accepts(id, original) ? new SessionRecord(new SessionKey(this.tenant, id), context.createdAt(),
				context.updatedAt(), null, SessionDetails.NONE, 1, null, View.numbered(0), null) : null;
	}

	boolean accepts(String id, Original original) throws SQLException, IOException {
		String fault = JsonTree.fault(id);
		fault = (fault != null) ? fault : SessionKey.fault(id);
		if (fault != null) {
			this.rejects.add(id, "/session_id", fault, original.text());
		}
		return fault == null;
	}

	/** The text of a whole row, made only if it is rejected. */
	interface Original {

		String text() throws SQLException, IOException;

	}

}
