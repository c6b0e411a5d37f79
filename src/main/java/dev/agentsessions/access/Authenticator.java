package dev.agentsessions.access;

import reactor.core.publisher.Mono;

import org.springframework.http.HttpHeaders;

/**
 * Finds out who sent a request. There is one for each {@link AccessMode}.
 */
public interface Authenticator {

	/**
	 * The caller, or a problem (401, 403, or 503 if it can't be found out now); never
	 * empty.
	 */
	Mono<Caller> caller(HttpHeaders request);

}
