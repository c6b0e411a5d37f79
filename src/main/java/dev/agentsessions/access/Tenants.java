package dev.agentsessions.access;

import org.springframework.web.reactive.function.server.ServerRequest;

/**
 * Whose sessions a request is about.
 */
public final class Tenants {

	private static final String DEFAULT = "default";

	private Tenants() {
	}

	/** The caller's tenant: every look-up is by tenant and session id. */
	public static String of(ServerRequest request) {
		return DEFAULT;
	}

}
