package dev.agentsessions.access;

/**
 * Access control can't be set up like this, so the service must not start.
 */
public final class AccessSetupException extends RuntimeException {

	private final String action;

	/**
	 * Describes the failure for whoever starts the service.
	 * @param message what is wrong; never a key or token
	 * @param action what to set instead
	 */
	public AccessSetupException(String message, String action) {
		super(message);
		this.action = action;
	}

	String action() {
		return this.action;
	}

}
