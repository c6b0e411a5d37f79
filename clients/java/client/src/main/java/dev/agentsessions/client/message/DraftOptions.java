package dev.agentsessions.client.message;

/**
 * How a draft is written.
 *
 * @param create whether a session that is not there is created
 */
public record DraftOptions(boolean create) {

	public static final DraftOptions NONE = new DraftOptions(true);

	/** Only if the session is there; otherwise 404. */
	public DraftOptions existing() {
		return new DraftOptions(false);
	}

}
