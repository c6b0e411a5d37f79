package dev.agentsessions.database.migration;

/**
 * The database can be reached, but not be used as it is set up. The text says what is
 * wrong.
 */
public final class UnusableDatabaseException extends RuntimeException {

	private final String action;

	public UnusableDatabaseException(String description, String action) {
		super(description);
		this.action = action;
	}

	/** What to do about it. */
	public String action() {
		return this.action;
	}

}
