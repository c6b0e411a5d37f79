package dev.agentsessions.agent;

/**
 * A switch as followers get it.
 *
 * @param no its number
 * @param atSeq the session's last message when it happened
 * @param json the switch as it is answered, in UTF-8 on one line; not to be changed
 */
public record LoggedSwitch(long no, long atSeq, byte[] json) {

	public long bytes() {
		return this.json.length;
	}

}
