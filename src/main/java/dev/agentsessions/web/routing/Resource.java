package dev.agentsessions.web.routing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import dev.agentsessions.problem.Problems;
import dev.agentsessions.web.request.Query;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * One path and what may be done with it. Functional routes answer 404 to a method they do
 * not know; this answers 405 with <code>Allow</code>, gives every GET its HEAD, and
 * refuses with 406 what the caller could not read and with 400 what it misspelled.
 */
public final class Resource {

	private final String pattern;

	private final Map<HttpMethod, HandlerFunction<ServerResponse>> handlers = new LinkedHashMap<>();

	/** Query parameters by method; none of a method that has no entry. */
	private final Map<HttpMethod, Set<String>> parameters = new HashMap<>();

	private Resource(String pattern) {
		this.pattern = pattern;
	}

	public static Resource at(String pattern) {
		return new Resource(pattern);
	}

	/** No routes: what a feature has that is switched off. */
	public static RouterFunction<ServerResponse> none() {
		return new Routes(List.of());
	}

	/**
	 * Answers GET, and HEAD with the same headers.
	 * @param produces the media types the handler can answer with; JSON when none is
	 * given
	 */
	public Resource get(HandlerFunction<ServerResponse> handler, MediaType... produces) {
		on(HttpMethod.GET, handler, produces);
		return on(HttpMethod.HEAD, handler, produces);
	}

	/** The query parameters that a method takes; any other is 400. */
	public Resource parameters(HttpMethod method, String... names) {
		this.parameters.put(method, Set.of(names));
		if (method.equals(HttpMethod.GET)) {
			this.parameters.put(HttpMethod.HEAD, Set.of(names));
		}
		return this;
	}

	public Resource post(HandlerFunction<ServerResponse> handler) {
		return on(HttpMethod.POST, handler);
	}

	public Resource put(HandlerFunction<ServerResponse> handler) {
		return on(HttpMethod.PUT, handler);
	}

	public Resource patch(HandlerFunction<ServerResponse> handler) {
		return on(HttpMethod.PATCH, handler);
	}

	public Resource delete(HandlerFunction<ServerResponse> handler) {
		return on(HttpMethod.DELETE, handler);
	}

	/** All routes of this path. Nothing may be added afterwards. */
	public RouterFunction<ServerResponse> routes() {
		return new Routes(this.pattern, this.handlers, this::methodNotAllowed);
	}

	private Resource on(HttpMethod method, HandlerFunction<ServerResponse> handler, MediaType... produces) {
		List<MediaType> types = (produces.length > 0) ? List.of(produces) : List.of(MediaType.APPLICATION_JSON);
		this.handlers.put(method, (request) -> {
			requireAcceptable(request, types);
			Query.requireOnly(request, this.parameters.getOrDefault(method, Set.of()));
			return handler.handle(request);
		});
		return this;
	}

	private Mono<ServerResponse> methodNotAllowed(ServerRequest request) {
		return Mono.error(Problems.methodNotAllowed(request.method().name(),
				this.handlers.keySet()
					.stream()
					.map(HttpMethod::name)
					.collect(Collectors.toCollection(LinkedHashSet::new))));
	}

	private static void requireAcceptable(ServerRequest request, List<MediaType> produced) {
		if (acceptsAnything(request)) {
			return;
		}
		List<MediaType> accepted = accepted(request, produced);
		if (accepted.stream().noneMatch((range) -> produced.stream().anyMatch(range::isCompatibleWith))) {
			throw Problems.notAcceptable(produced);
		}
	}

	/**
	 * Whether the caller prefers newline-delimited JSON over one document. An explicit
	 * range wins over a wildcard, a higher quality over a lower one.
	 */
	public static boolean prefersNdjson(ServerRequest request) {
		if (acceptsAnything(request)) {
			return false;
		}
		for (MediaType range : accepted(request, List.of())) {
			if (range.isCompatibleWith(MediaType.APPLICATION_JSON)) {
				return false;
			}
			if (range.isCompatibleWith(MediaType.APPLICATION_NDJSON)) {
				return true;
			}
		}
		return false;
	}

	/** What most callers say, without reading it as media types. */
	private static boolean acceptsAnything(ServerRequest request) {
		List<String> accept = request.headers().header(HttpHeaders.ACCEPT);
		return accept.isEmpty() || (accept.size() == 1 && accept.get(0).equals(MediaType.ALL_VALUE));
	}

	private static List<MediaType> accepted(ServerRequest request, List<MediaType> produced) {
		try {
			List<MediaType> accepted = new ArrayList<>(request.headers().accept());
			if (accepted.isEmpty()) {
				return List.of(MediaType.ALL);
			}
			accepted.removeIf((range) -> range.getQualityValue() == 0);
			accepted.sort(Comparator.comparingDouble((MediaType range) -> -range.getQualityValue())
				.thenComparing(MediaType::isWildcardType)
				.thenComparing(MediaType::isWildcardSubtype));
			return accepted;
		}
		catch (InvalidMediaTypeException ex) {
			throw Problems.notAcceptable(produced);
		}
	}

}
