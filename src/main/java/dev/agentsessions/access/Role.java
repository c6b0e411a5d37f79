package dev.agentsessions.access;

/**
 * What a caller may do, always on its own tenant's sessions only.
 */
public enum Role {

	/** Everything on sessions. */
	USER,

	/** Everything a user may, and retention. */
	ADMIN

}
