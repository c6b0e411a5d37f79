package dev.agentsessions.settings;

/**
 * The service can't start as it is set up. The message says what is wrong, and has no
 * key, token or password.
 */
public final class SetupException extends RuntimeException {

	private final String action;

	/**
	 * Tells whoever starts the service.
	 * @param description what is wrong
	 * @param action what to do about it
	 */
	public SetupException(String description, String action) {
		super(description);
		this.action = action;
	}

	/** What to do about it. */
	public String action() {
		return this.action;
	}

}
