package dev.agentsessions.access;

import java.util.Set;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpHeaders;

/**
 * Everybody who reaches the service is let in, but for web pages: a browser on this
 * machine reaches it too, on behalf of whatever page is open in it. A page of another
 * origin says so in <code>Origin</code>. A page whose name was made to point to this
 * machine (DNS rebinding) gives itself away by that name in <code>Host</code>.
 */
final class OpenAccess implements Authenticator {

	private static final Mono<Caller> ANYBODY = Mono.just(new Caller(Tenants.DEFAULT, Role.ADMIN));

	private final boolean local;

	private final Set<String> origins;

	/**
	 * Lets everybody in.
	 * @param local whether the service listens on this machine only, and so has no other
	 * name than that of a loopback address
	 * @param origins whose pages may call
	 */
	OpenAccess(boolean local, Set<String> origins) {
		this.local = local;
		this.origins = origins;
	}

	@Override
	public Mono<Caller> caller(HttpHeaders request) {
		String host = request.getFirst(HttpHeaders.HOST);
		if (this.local && host != null && !isLoopback(host)) {
			throw AccessProblems
				.forbidden("The service listens on a loopback address, and the Host header names another.");
		}
		String origin = request.getOrigin();
		if (origin != null && !this.origins.contains(origin) && !isOrigin(origin, host)) {
			throw AccessProblems
				.forbidden("Pages of this origin may not call; STORE_ACCESS_ORIGINS lists those that may.");
		}
		return ANYBODY;
	}

	private static boolean isOrigin(String origin, @Nullable String host) {
		int authority = origin.indexOf("://") + 3;
		return host != null && authority > 2 && origin.substring(authority).equalsIgnoreCase(host);
	}

	private static boolean isLoopback(String authority) {
		int colon = authority.lastIndexOf(':');
		String host = (colon > authority.lastIndexOf(']')) ? authority.substring(0, colon) : authority;
		return host.equalsIgnoreCase("localhost") || host.matches("127(\\.\\d{1,3}){3}") || host.equals("[::1]");
	}

}
