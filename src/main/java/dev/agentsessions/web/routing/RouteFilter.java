package dev.agentsessions.web.routing;

import java.util.List;

import dev.agentsessions.tracing.Traces;
import dev.agentsessions.web.routing.Routes.Route;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.codec.HttpMessageReader;
import org.springframework.http.codec.HttpMessageWriter;
import org.springframework.http.codec.ServerCodecConfigurer;
import org.springframework.http.server.PathContainer;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.reactive.result.view.ViewResolver;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;

/**
 * Answers what has a route, as the last of the filters. Spring's dispatcher behind it
 * asks several mappings, adapters and result handlers through publishers of its own; it
 * answers what is left: health, and paths that do not exist.
 */
@Component
@Order(Ordered.LOWEST_PRECEDENCE)
final class RouteFilter implements WebFilter {

	private final List<Routes> routes;

	private final List<HttpMessageReader<?>> readers;

	private final RequestTimer timer;

	private final Traces traces;

	private final ApplicationContext service;

	private final ServerResponse.Context context;

	RouteFilter(ObjectProvider<RouterFunction<?>> routes, ServerCodecConfigurer codecs, RequestTimer timer,
			Traces traces, ApplicationContext service) {
		this.traces = traces;
		this.service = service;
		this.routes = routes.orderedStream().filter(Routes.class::isInstance).map(Routes.class::cast).toList();
		this.readers = codecs.getReaders();
		this.timer = timer;
		this.context = new Writers(codecs.getWriters());
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		// the management server has the filters of the service, and must not have its
		// routes
		Route route = (exchange.getApplicationContext() == this.service)
				? find(exchange.getRequest().getPath().pathWithinApplication()) : null;
		return (route != null) ? answer(exchange, route) : chain.filter(exchange);
	}

	private @Nullable Route find(PathContainer path) {
		for (Routes each : this.routes) {
			Route route = each.find(path);
			if (route != null) {
				return route;
			}
		}
		return null;
	}

	private Mono<Void> answer(ServerWebExchange exchange, Route route) {
		long start = System.nanoTime();
		this.traces.route(exchange, route.pattern().getPatternString());
		ServerRequest request = ServerRequest.create(exchange, this.readers);
		return Mono.defer(() -> route.handler(request.method()).handle(request))
			.doOnError((error) -> this.timer.problem(exchange, route.pattern(), start))
			.flatMap((response) -> {
				this.timer.answer(request.method(), route.pattern(), response.statusCode().value(), start);
				return response.writeTo(exchange, this.context);
			});
	}

	private record Writers(List<HttpMessageWriter<?>> messageWriters) implements ServerResponse.Context {

		@Override
		public List<ViewResolver> viewResolvers() {
			return List.of();
		}

	}

}
