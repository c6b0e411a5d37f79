package dev.agentsessions.web.routing;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpMethod;
import org.springframework.http.server.PathContainer;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * Routes that are found by looking, one path after the other. Composed router functions
 * ask each other through publishers, several a route, which costs more than all the rest
 * of finding one.
 */
final class Routes implements RouterFunction<ServerResponse> {

	private final List<Route> routes;

	Routes(List<Route> routes) {
		this.routes = routes;
	}

	/**
	 * The routes of one path.
	 * @param otherwise answers all other methods
	 */
	Routes(String pattern, Map<HttpMethod, HandlerFunction<ServerResponse>> handlers,
			HandlerFunction<ServerResponse> otherwise) {
		this(List.of(new Route(PathPatternParser.defaultInstance.parse(pattern), handlers, otherwise)));
	}

	/** The route of this path; null if there is none. */
	@Nullable Route find(PathContainer path) {
		for (Route route : this.routes) {
			if (route.pattern().matches(path)) {
				return route;
			}
		}
		return null;
	}

	@Override
	public Mono<HandlerFunction<ServerResponse>> route(ServerRequest request) {
		Route route = find(request.requestPath().pathWithinApplication());
		return (route != null) ? Mono.just(route.handler(request.method())) : Mono.empty();
	}

	@Override
	public RouterFunction<ServerResponse> and(RouterFunction<ServerResponse> other) {
		return (other instanceof Routes more)
				? new Routes(Stream.concat(this.routes.stream(), more.routes.stream()).toList())
				: RouterFunction.super.and(other);
	}

	@Override
	public void accept(RouterFunctions.Visitor visitor) {
		for (Route route : this.routes) {
			String pattern = route.pattern().getPatternString();
			route.handlers()
				.forEach((method, handler) -> visitor
					.route(RequestPredicates.method(method).and(RequestPredicates.path(pattern)), handler));
			visitor.route(RequestPredicates.path(pattern), route.otherwise());
		}
	}

	/** A path and what answers it. */
	record Route(PathPattern pattern, Map<HttpMethod, HandlerFunction<ServerResponse>> handlers,
			HandlerFunction<ServerResponse> otherwise) {

		HandlerFunction<ServerResponse> handler(HttpMethod method) {
			return this.handlers.getOrDefault(method, this.otherwise);
		}

	}

}
