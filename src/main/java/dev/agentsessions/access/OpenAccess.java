package dev.agentsessions.access;

import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpHeaders;
import org.springframework.web.cors.CorsConfiguration;

/**
 * Everybody who reaches the service is let in, but for web pages: a browser on this
 * machine reaches it too, on behalf of whatever page is open in it. A page of another
 * origin says so in <code>Origin</code>. A page whose name was made to point to this
 * machine (DNS rebinding) gives itself away by that name in <code>Host</code>.
 */
public final class OpenAccess implements Authenticator {

	private static final Mono<Caller> ANYBODY = Mono.just(new Caller(Tenants.DEFAULT, Role.ADMIN));

	private final boolean guardsName;

	private final CorsConfiguration origins;

	/**
	 * Lets everybody in.
	 * @param guardsName whether the service has no public name, because it is open only
	 * by default and on a loopback address
	 * @param origins whose pages may call
	 */
	public OpenAccess(boolean guardsName, CorsConfiguration origins) {
		this.guardsName = guardsName;
		this.origins = origins;
	}

	@Override
	public Mono<Caller> caller(HttpHeaders request) {
		String host = request.getFirst(HttpHeaders.HOST);
		if (this.guardsName && host != null && isPublicName(host)) {
			throw AccessProblems
				.forbidden("The service is on a loopback address, and the Host header has a public name; set"
						+ " STORE_ACCESS_MODE if it is meant to be called so.");
		}
		String origin = request.getOrigin();
		if (origin != null && this.origins.checkOrigin(origin) == null && !isOrigin(origin, host)) {
			throw AccessProblems
				.forbidden("Pages of this origin may not call; STORE_ACCESS_ORIGINS lists those that may.");
		}
		return ANYBODY;
	}

	/**
	 * Whether a page of this origin was served under this name; by whatever scheme, for a
	 * proxy may speak another one with the browser.
	 */
	public static boolean isOrigin(String origin, @Nullable String host) {
		int authority = origin.indexOf("://") + 3;
		return host != null && authority > 2 && origin.substring(authority).equalsIgnoreCase(host);
	}

	/**
	 * Whether a page could have this name: one of the public DNS, which are those with a
	 * dot. Addresses have dots too, and are nobody's to give to a page.
	 */
	private static boolean isPublicName(String authority) {
		int colon = authority.lastIndexOf(':');
		String host = (colon > authority.lastIndexOf(']')) ? authority.substring(0, colon) : authority;
		return host.indexOf('.') >= 0 && !host.startsWith("[") && !NetUtil.isValidIpV4Address(host);
	}

}
