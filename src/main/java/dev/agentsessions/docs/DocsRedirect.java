package dev.agentsessions.docs;

import java.net.URI;
import java.util.Set;

import reactor.core.publisher.Mono;

import org.springframework.context.ApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.RequestPath;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;

/**
 * Leads whoever looks around to the documentation. These paths are no part of the
 * contract: anything but reading them is answered as if they did not exist.
 */
@Component
@Order(Ordered.LOWEST_PRECEDENCE - 1)
final class DocsRedirect implements WebFilter {

	private static final Set<String> PATHS = Set.of("/", "/docs/", "/v1", "/v1/");

	private final ApplicationContext service;

	DocsRedirect(ApplicationContext service) {
		this.service = service;
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		HttpMethod method = exchange.getRequest().getMethod();
		RequestPath path = exchange.getRequest().getPath();
		// the management server has the filters of the service
		if (exchange.getApplicationContext() != this.service || !PATHS.contains(path.pathWithinApplication().value())
				|| !(method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD))) {
			return chain.filter(exchange);
		}
		ServerHttpResponse response = exchange.getResponse();
		response.setStatusCode(HttpStatus.FOUND);
		response.getHeaders().setLocation(URI.create(path.contextPath().value() + "/docs"));
		return response.setComplete();
	}

}
