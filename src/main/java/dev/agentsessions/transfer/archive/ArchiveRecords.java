package dev.agentsessions.transfer.archive;

import java.io.IOException;
import java.sql.SQLException;

import dev.agentsessions.problem.Problems;
import dev.agentsessions.transfer.ContextRecord;
import dev.agentsessions.transfer.SessionRecord;
import dev.agentsessions.transfer.SessionSink;
import dev.agentsessions.transfer.SwitchRecord;
import dev.agentsessions.transfer.TransferFailure;

/**
 * The records of an archive in their order: of each session the context, the messages,
 * the switches. They are counted. Errors: 400 for a record that does not belong where it
 * stands.
 */
final class ArchiveRecords {

	private final SessionSink sink;

	private boolean inSession;

	private boolean inSwitches;

	private boolean hasContext;

	private long nextSeq;

	private long lastSwitchNo;

	private long mostSwitchNo;

	private long sessions;

	private long messages;

	private long contexts;

	private long switches;

	ArchiveRecords(SessionSink sink) {
		this.sink = sink;
	}

	void add(ArchiveLine line) throws SQLException, IOException {
		switch (line.kind()) {
			case "session" -> session(line.session());
			case "agent_context" -> context(line.context());
			case "message" -> message(line.take("seq"), line);
			case "agent_switch" -> agentSwitch(line.agentSwitch());
			default -> throw Problems.invalid("no record is called so");
		}
	}

	private void session(SessionRecord session) throws SQLException, IOException {
		endSession();
		this.inSession = true;
		this.sessions++;
		this.inSwitches = false;
		this.hasContext = false;
		this.nextSeq = session.firstSeq();
		this.lastSwitchNo = 0;
		this.mostSwitchNo = (session.lastSwitchNo() != null) ? session.lastSwitchNo() : 0;
		require(this.nextSeq > 0, "first_seq is not greater than 0");
		this.sink.begin(session);
	}

	private void context(ContextRecord context) throws SQLException, IOException {
		require(this.inSession && !this.hasContext && !this.inSwitches, "a context does not belong here");
		this.hasContext = true;
		this.contexts++;
		this.sink.context(context);
	}

	private void message(long seq, ArchiveLine line) throws SQLException, IOException {
		require(this.inSession && !this.inSwitches && seq == this.nextSeq,
				"a message with this seq does not belong here");
		this.nextSeq++;
		this.messages++;
		this.sink.message(line.message());
	}

	private void agentSwitch(SwitchRecord made) throws SQLException, IOException {
		Long no = made.switchNo();
		require(this.hasContext && no != null && no > this.lastSwitchNo && no <= this.mostSwitchNo,
				"a switch with this switch_no does not belong here");
		this.inSwitches = true;
		this.switches++;
		this.lastSwitchNo = (no != null) ? no : 0;
		this.sink.agentSwitch(made);
	}

	/**
	 * Ends the last session. Errors: {@link TransferFailure} if there were more or fewer
	 * records than the seal says.
	 */
	void end(ArchiveSeal seal) throws SQLException, IOException {
		endSession();
		if (this.sessions != seal.sessions() || this.messages != seal.messages() || this.contexts != seal.contexts()
				|| this.switches != seal.switches()) {
			throw new TransferFailure("The file does not hold as many records as its last line says.");
		}
	}

	private void endSession() throws SQLException, IOException {
		if (this.inSession) {
			this.sink.end();
		}
	}

	private static void require(boolean condition, String detail) {
		if (!condition) {
			throw Problems.invalid(detail);
		}
	}

}
