package dev.agentsessions.access.filter;

import java.time.Duration;
import java.util.List;

import dev.agentsessions.access.AccessProblems;
import reactor.core.publisher.Mono;

import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.stereotype.Component;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.reactive.CorsUtils;
import org.springframework.web.cors.reactive.DefaultCorsProcessor;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;

/**
 * Lets pages of the listed origins read answers (CORS); while none is listed it does
 * nothing. It stands before {@link AccessFilter}, for a browser asks first, and without
 * credentials.
 */
@Component
@Order(-1)
class CrossOrigin implements WebFilter {

	private static final List<String> METHODS = List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE");

	private static final List<String> SENT = List.of(HttpHeaders.AUTHORIZATION, "X-API-Key", HttpHeaders.CONTENT_TYPE,
			HttpHeaders.ACCEPT, HttpHeaders.IF_MATCH, HttpHeaders.IF_NONE_MATCH, "Idempotency-Key", "Last-Event-ID");

	private static final List<String> READ = List.of(HttpHeaders.ETAG, HttpHeaders.LINK, HttpHeaders.LOCATION,
			HttpHeaders.RETRY_AFTER, HttpHeaders.WWW_AUTHENTICATE, "Idempotency-Replayed");

	private final CorsConfiguration origins;

	private final boolean off;

	private final RefusingProcessor processor = new RefusingProcessor();

	CrossOrigin(AccessSettings settings) {
		this.off = settings.origins().isEmpty();
		this.origins = new CorsConfiguration();
		this.origins.setAllowedOrigins(settings.origins());
		this.origins.setAllowedMethods(METHODS);
		this.origins.setAllowedHeaders(SENT);
		this.origins.setExposedHeaders(READ);
		this.origins.setMaxAge(Duration.ofHours(1));
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		if (this.off || !CorsUtils.isCorsRequest(exchange.getRequest())) {
			return chain.filter(exchange);
		}
		if (!this.processor.process(this.origins, exchange)) {
			return Mono.error(AccessProblems.forbidden(
					"Pages of this origin, or requests of this kind, are not let through; STORE_ACCESS_ORIGINS lists"
							+ " the origins that are."));
		}
		if (CorsUtils.isPreFlightRequest(exchange.getRequest())) {
			return exchange.getResponse().setComplete();
		}
		keepHeaders(exchange.getResponse());
		return chain.filter(exchange);
	}

	/** A problem begins with no headers, but the page has to read problems too. */
	private static void keepHeaders(ServerHttpResponse response) {
		HttpHeaders headers = HttpHeaders.copyOf(response.getHeaders());
		response.beforeCommit(() -> Mono.fromRunnable(() -> headers.forEach(response.getHeaders()::put)));
	}

	/** Leaves the answer to {@link CrossOrigin}. */
	private static final class RefusingProcessor extends DefaultCorsProcessor {

		@Override
		protected void rejectRequest(ServerHttpResponse response) {
		}

	}

}
