package dev.agentsessions.tail.draft.store;

import java.time.Instant;

import dev.agentsessions.database.Engine;
import dev.agentsessions.database.rows.RowReader;
import org.jspecify.annotations.Nullable;

/**
 * A draft as the database knows it.
 *
 * @param id a random number, so that it is never used twice, not even after a crash
 * @param no of its present writer: each takes a greater one
 * @param replica that has the writer; null while there is none
 * @param length code points of its text that are in the database
 * @param live whether that replica has said so in the last five seconds; never on H2,
 * where another one than this is what it was before it started anew
 * @param wanted whether another replica has asked for its text in the last two seconds
 * @param answered whether all text is there that was known when it was last asked for
 * @param session the id of its session's row
 * @param lastSeq where the log ended, which had no message with its name
 */
public record DraftRow(long id, String messageId, long no, @Nullable String replica, long length, Instant startedAt,
		boolean live, boolean wanted, boolean answered, long session, long lastSeq) {

	/** What is selected from <code>drafts d</code> and their sessions for it. */
	static String columns(Engine engine) {
		String live = (engine == Engine.H2) ? "false"
				: "d.replica is not null and d.written_at > " + engine.secondsAgo("5");
		return """
				d.id, d.message_id, d.draft_no, d.replica, d.text_length, cast(d.started_at as varchar),
				%s, coalesce(d.wanted_at > %s, false),
				d.written_at >= coalesce(d.wanted_at, d.written_at), s.id, s.last_seq""".formatted(live,
				engine.secondsAgo("2"));
	}

	static DraftRow of(RowReader row) {
		return new DraftRow(row.number(), row.text(), row.number(), row.optionalText(), row.number(), row.time(),
				row.flag(), row.flag(), row.flag(), row.number(), row.number());
	}

	/**
	 * One that is new.
	 * @param session the id of its session's row
	 * @param lastSeq where the log ended, which had no message with its name
	 */
	public static DraftRow begun(long id, String messageId, String replica, Instant startedAt, long session,
			long lastSeq) {
		return new DraftRow(id, messageId, 1, replica, 0, startedAt, true, false, true, session, lastSeq);
	}

	/** With the next writer. */
	public DraftRow next() {
		return new DraftRow(this.id, this.messageId, this.no + 1, this.replica, this.length, this.startedAt, true,
				this.wanted, this.answered, this.session, this.lastSeq);
	}

	/**
	 * Whether a message with its name is its own: a reader may come to one that was in
	 * the log before it was replaced, and before the draft.
	 * @param session the id of the row of the message's session: a later one of the same
	 * name has a greater one
	 * @param seq of the message
	 */
	public boolean isEndedBy(long session, long seq) {
		return session > this.session || (session == this.session && seq > this.lastSeq);
	}

	/** Whether a writer is at work on another replica. */
	public boolean isWrittenElsewhere(String replica) {
		return this.live && !replica.equals(this.replica);
	}

}
