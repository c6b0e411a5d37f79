package dev.agentsessions.search;

import dev.agentsessions.access.Tenants;
import dev.agentsessions.search.text.SearchQuery;
import dev.agentsessions.web.answer.Lists;
import dev.agentsessions.web.request.PathSegments;
import dev.agentsessions.web.request.Query;
import dev.agentsessions.web.routing.Resource;
import reactor.core.publisher.Mono;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * <code>/v1/search</code>.
 */
@Configuration(proxyBeanMethods = false)
class SearchRoutes {

	private static final int DEFAULT_LIMIT = 20;

	private static final int MAX_LIMIT = 100;

	private final Searches searches;

	SearchRoutes(Searches searches) {
		this.searches = searches;
	}

	@Bean
	RouterFunction<ServerResponse> searchResources() {
		return Resource.at("/v1/search")
			.get(this::search)
			.parameters(HttpMethod.GET, "q", "owner", "label", "session_id", "role", "from", "to", "limit", "cursor")
			.routes();
	}

	private Mono<ServerResponse> search(ServerRequest request) {
		Query parameters = Query.of(request);
		SearchQuery query = query(parameters);
		SearchFilter filter = SearchFilter.of(parameters);
		int limit = parameters.integer("limit", DEFAULT_LIMIT, 1, MAX_LIMIT);
		String path = "/v1/search?q=" + PathSegments.encode(String.valueOf(parameters.text("q"))) + filter.query()
				+ "&limit=" + limit;
		return this.searches.search(Tenants.of(request), query, filter, limit, parameters.text("cursor"), path)
			.flatMap((page) -> Lists.answer(page, page.next()));
	}

	private static SearchQuery query(Query parameters) {
		String text = parameters.text("q");
		if (text == null) {
			throw Query.wrong("q", "must be given: what to search for");
		}
		return SearchQuery.parse(text);
	}

}
