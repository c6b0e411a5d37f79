package dev.agentsessions.transfer.archive;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.transfer.ContextRecord;
import dev.agentsessions.transfer.MessageRecord;
import dev.agentsessions.transfer.SessionRecord;
import dev.agentsessions.transfer.SessionSink;
import dev.agentsessions.transfer.SwitchRecord;
import dev.agentsessions.transfer.TransferTally;
import dev.agentsessions.web.json.JsonWriter;
import dev.agentsessions.web.json.Times;
import org.jspecify.annotations.Nullable;

/**
 * Writes sessions as NDJSON, and at the end how many there were and a checksum. The same
 * sessions are the same bytes: ids of the database and the time of the export are not in
 * it.
 */
public final class ArchiveWriter implements SessionSink {

	static final String FIRST_LINE = "{\"format\":\"agent-session-store\",\"version\":1}";

	private final OutputStream out;

	private final MessageDigest digest = ArchiveSeal.digest();

	private final TransferTally tally;

	private long seq;

	/** Begins the archive. */
	public ArchiveWriter(OutputStream out, TransferTally tally) throws IOException {
		this.out = new DigestOutputStream(new BufferedOutputStream(out, 1 << 16), this.digest);
		this.tally = tally;
		new JsonWriter().raw(FIRST_LINE + "\n").writeTo(this.out);
	}

	@Override
	public void begin(SessionRecord session) throws IOException {
		this.seq = session.firstSeq() - 1;
		this.tally.sessions++;
		line(object("session").text("tenant", session.key().tenant())
			.text("session_id", session.key().sessionId())
			.text("created_at", time(session.createdAt()))
			.text("last_activity", time(session.lastActivity()))
			.json("is_active", String.valueOf(session.isActive()))
			.text("deleted_at", time(session.deletedAt()))
			.text("owner", session.details().owner())
			.text("title", session.details().title())
			.json("labels", json(session.details().labelsJson()))
			.text("expires_at", time(session.details().expiresAt()))
			.json("metadata", json(session.details().metadata()))
			.number("first_seq", session.firstSeq())
			.number("last_switch_no", session.lastSwitchNo())
			.number("view_no", (session.view().no() > 0) ? session.view().no() : null)
			.json("view", session.view().isWhole() ? null : session.view().json(session.firstSeq()).json())
			.json("forked_from", json(session.forkedFrom())));
	}

	@Override
	public void context(ContextRecord context) throws IOException {
		this.tally.contexts++;
		line(object("agent_context").text("current_agent", context.currentAgent())
			.number("switch_count", context.switchCount())
			.json("metadata", json(context.metadata()))
			.text("created_at", time(context.createdAt()))
			.text("updated_at", time(context.updatedAt())));
	}

	@Override
	public void message(MessageRecord record) throws IOException {
		NewMessage message = record.message();
		Instant timestamp = record.timestamp();
		this.seq++;
		this.tally.messages++;
		line(object("message").number("seq", this.seq)
			.text("id", message.id())
			.text("role", message.role().isEmpty() ? null : message.role())
			.text("content", message.content())
			.json("content", json(message.parts()))
			.text("name", message.name())
			.text("tool_call_id", message.toolCallId())
			.json("tool_calls", json(message.toolCalls()))
			.text("timestamp", time(timestamp))
			.number("token_count", message.tokenCount())
			.json("metadata", json(message.metadata()))
			.json("extra", json(message.extra())));
	}

	@Override
	public void agentSwitch(SwitchRecord made) throws IOException {
		this.tally.switches++;
		line(object("agent_switch").number("switch_no", made.switchNo())
			.text("from_agent", made.fromAgent())
			.text("to_agent", made.toAgent())
			.text("switched_at", time(made.switchedAt()))
			.text("reason", made.reason())
			.json("metadata", json(made.metadata()))
			.number("at_seq", made.atSeq()));
	}

	@Override
	public void end() {
		// the next session's line says it
	}

	/** Writes the last line. */
	public void finish() throws IOException {
		String checksum = HexFormat.of().formatHex(this.digest.digest());
		line(object("end").number("sessions", this.tally.sessions)
			.number("messages", this.tally.messages)
			.number("agent_contexts", this.tally.contexts)
			.number("agent_switches", this.tally.switches)
			.text("sha256", checksum));
		this.out.flush();
	}

	private static JsonWriter object(String kind) {
		return new JsonWriter().raw("{\"" + kind + "\":{");
	}

	private static @Nullable String time(@Nullable Instant time) {
		return (time != null) ? Times.format(time) : null;
	}

	private static @Nullable String json(@Nullable JsonText json) {
		return (json != null) ? json.json() : null;
	}

	private void line(JsonWriter object) throws IOException {
		object.raw("}}\n").writeTo(this.out);
	}

}
