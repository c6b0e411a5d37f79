package dev.agentsessions.problem;

import java.util.regex.Pattern;

import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * The name of a request in the log: what the caller, or a proxy before the service, calls
 * it in <code>X-Request-Id</code>, if that is short and plain, else the server's own.
 */
final class RequestId {

	static final String HEADER = "X-Request-Id";

	private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._:+/=-]{1,128}");

	private RequestId() {
	}

	static String of(ServerHttpRequest request) {
		String given = request.getHeaders().getFirst(HEADER);
		return (given != null && PLAIN.matcher(given).matches()) ? given : request.getId();
	}

}
