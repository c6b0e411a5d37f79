package dev.agentsessions.docs;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;

import dev.agentsessions.console.ConsoleSettings;
import reactor.core.publisher.Mono;

import org.springframework.context.ApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;

/**
 * Leads whoever looks around to the console and the documentation. These paths are no
 * part of the contract: anything but reading them is answered as if they did not exist.
 */
@Component
@Order(Ordered.LOWEST_PRECEDENCE - 1)
final class DocsRedirect implements WebFilter {

	private final ApplicationContext service;

	/**
	 * Where each path leads, seen from there: a proxy may have put a prefix before it.
	 */
	private final Map<String, String> places;

	DocsRedirect(ApplicationContext service, ConsoleSettings console) {
		this.service = service;
		Map<String, String> all = new HashMap<>(Map.of("/", console.enabled() ? "console" : "docs", "/docs/", "../docs",
				"/v1", "docs", "/v1/", "../docs"));
		if (console.enabled()) {
			all.put("/console/", "../console");
		}
		this.places = Map.copyOf(all);
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		HttpMethod method = exchange.getRequest().getMethod();
		String place = this.places.get(exchange.getRequest().getPath().pathWithinApplication().value());
		// the management server has the filters of the service
		if (place == null || exchange.getApplicationContext() != this.service
				|| !(method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD))) {
			return chain.filter(exchange);
		}
		ServerHttpResponse response = exchange.getResponse();
		response.setStatusCode(HttpStatus.FOUND);
		response.getHeaders().setLocation(URI.create(place));
		return response.setComplete();
	}

}
