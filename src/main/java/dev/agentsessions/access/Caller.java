package dev.agentsessions.access;

/**
 * Who sent a request.
 *
 * @param tenant whose sessions the caller works on, and no others
 * @param role what the caller may do with them
 */
record Caller(String tenant, Role role) {

	/** Where a request's exchange keeps its caller. */
	static final String ATTRIBUTE = Caller.class.getName();

}
