package dev.agentsessions.transfer.archive;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;

import dev.agentsessions.message.NewMessage;
import dev.agentsessions.transfer.ContextRecord;
import dev.agentsessions.transfer.JsonLine;
import dev.agentsessions.transfer.MessageRecord;
import dev.agentsessions.transfer.SessionRecord;
import dev.agentsessions.transfer.SessionSink;
import dev.agentsessions.transfer.SwitchRecord;
import dev.agentsessions.transfer.TransferTally;

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
		this.out = new BufferedOutputStream(out, 1 << 16);
		this.tally = tally;
		line(FIRST_LINE);
	}

	@Override
	public void begin(SessionRecord session) throws IOException {
		this.seq = session.firstSeq() - 1;
		this.tally.sessions++;
		line("session",
				new JsonLine().text("tenant", session.key().tenant())
					.text("session_id", session.key().sessionId())
					.time("created_at", session.createdAt())
					.time("last_activity", session.lastActivity())
					.flag("is_active", session.isActive())
					.time("deleted_at", session.deletedAt())
					.text("owner", session.details().owner())
					.text("title", session.details().title())
					.json("labels", session.details().labelsJson())
					.time("expires_at", session.details().expiresAt())
					.json("metadata", session.details().metadata())
					.number("first_seq", session.firstSeq())
					.number("last_switch_no", session.lastSwitchNo())
					.number("view_no", (session.view().no() > 0) ? session.view().no() : null)
					.json("view", session.view().isWhole() ? null : session.view().json(session.firstSeq()))
					.json("forked_from", session.forkedFrom()));
	}

	@Override
	public void context(ContextRecord context) throws IOException {
		this.tally.contexts++;
		line("agent_context",
				new JsonLine().text("current_agent", context.currentAgent())
					.number("switch_count", context.switchCount())
					.json("metadata", context.metadata())
					.time("created_at", context.createdAt())
					.time("updated_at", context.updatedAt()));
	}

	@Override
	public void message(MessageRecord record) throws IOException {
		NewMessage message = record.message();
		Instant timestamp = record.timestamp();
		this.seq++;
		this.tally.messages++;
		line("message",
				new JsonLine().number("seq", this.seq)
					.text("id", message.id())
					.text("role", message.role().isEmpty() ? null : message.role())
					.text("content", message.content())
					.json("content", message.parts())
					.text("name", message.name())
					.text("tool_call_id", message.toolCallId())
					.json("tool_calls", message.toolCalls())
					.time("timestamp", timestamp)
					.number("token_count", message.tokenCount())
					.json("metadata", message.metadata())
					.json("extra", message.extra()));
	}

	@Override
	public void agentSwitch(SwitchRecord made) throws IOException {
		this.tally.switches++;
		line("agent_switch",
				new JsonLine().number("switch_no", made.switchNo())
					.text("from_agent", made.fromAgent())
					.text("to_agent", made.toAgent())
					.time("switched_at", made.switchedAt())
					.text("reason", made.reason())
					.json("metadata", made.metadata())
					.number("at_seq", made.atSeq()));
	}

	@Override
	public void end() {
		// the next session's line says it
	}

	/** Writes the last line. */
	public void finish() throws IOException {
		String checksum = HexFormat.of().formatHex(this.digest.digest());
		line("end",
				new JsonLine().number("sessions", this.tally.sessions)
					.number("messages", this.tally.messages)
					.number("agent_contexts", this.tally.contexts)
					.number("agent_switches", this.tally.switches)
					.text("sha256", checksum));
		this.out.flush();
	}

	private void line(String kind, JsonLine value) throws IOException {
		line(new JsonLine().object(kind, value).toString());
	}

	private void line(String text) throws IOException {
		byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
		this.digest.update(bytes);
		this.out.write(bytes);
	}

}
