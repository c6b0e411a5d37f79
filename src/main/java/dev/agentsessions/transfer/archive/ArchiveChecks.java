package dev.agentsessions.transfer.archive;

import dev.agentsessions.transfer.ContextRecord;
import dev.agentsessions.transfer.MessageRecord;
import dev.agentsessions.transfer.SessionRecord;
import dev.agentsessions.transfer.SessionSink;
import dev.agentsessions.transfer.SwitchRecord;
import dev.agentsessions.transfer.TransferFailure;

/**
 * Counts the records of an archive, and compares with what its last line says.
 */
final class ArchiveChecks implements SessionSink {

	private final ArchiveSeal seal;

	private long sessions;

	private long messages;

	private long contexts;

	private long switches;

	ArchiveChecks(ArchiveSeal seal) {
		this.seal = seal;
	}

	@Override
	public void begin(SessionRecord session) {
		this.sessions++;
	}

	@Override
	public void context(ContextRecord context) {
		this.contexts++;
	}

	@Override
	public void message(MessageRecord message) {
		this.messages++;
	}

	@Override
	public void agentSwitch(SwitchRecord agentSwitch) {
		this.switches++;
	}

	@Override
	public void end() {
		// nothing is kept of a session
	}

	/** Errors: {@link TransferFailure} if there are more or fewer. */
	void finish() {
		if (this.sessions != this.seal.sessions() || this.messages != this.seal.messages()
				|| this.contexts != this.seal.contexts() || this.switches != this.seal.switches()) {
			throw new TransferFailure(
					"The file does not hold as many records as its last line says." + " Nothing was imported.");
		}
	}

}
