package dev.agentsessions.access;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;

/**
 * What a request brings to show who sent it.
 */
public final class Credentials {

	private static final String API_KEY = "X-API-Key";

	private static final String SCHEME = "Bearer ";

	private Credentials() {
	}

	/**
	 * The token or key of the <code>Authorization</code> header; null without that
	 * header.
	 * @throws dev.agentsessions.problem.ProblemException (401) if there are several, or
	 * one of another scheme
	 */
	public static @Nullable String bearer(HttpHeaders request) {
		List<String> values = request.getOrEmpty(HttpHeaders.AUTHORIZATION);
		return values.isEmpty() ? null : token(only(values));
	}

	/**
	 * The key, in either of its two headers; null without one.
	 * @throws dev.agentsessions.problem.ProblemException (401) if there are several
	 */
	public static @Nullable String key(HttpHeaders request) {
		List<String> keys = request.getOrEmpty(API_KEY);
		if (keys.isEmpty()) {
			return bearer(request);
		}
		List<String> all = new ArrayList<>(keys);
		all.addAll(request.getOrEmpty(HttpHeaders.AUTHORIZATION));
		return only(all).strip();
	}

	private static String only(List<String> values) {
		if (values.size() > 1) {
			throw AccessProblems.invalid("More than one key or token was sent.");
		}
		return values.get(0);
	}

	private static String token(String authorization) {
		if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
			throw AccessProblems.invalid("The Authorization header must be: Bearer, a space, the key or token.");
		}
		return authorization.substring(SCHEME.length()).strip();
	}

}
