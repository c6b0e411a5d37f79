package dev.agentsessions.docs;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

import dev.agentsessions.problem.Problems;
import dev.agentsessions.web.answer.Answers;
import dev.agentsessions.web.request.PathSegments;
import dev.agentsessions.web.routing.Resource;
import reactor.core.publisher.Mono;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.support.ResourcePatternResolver;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.util.DigestUtils;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * Serves the OpenAPI document and Swagger UI. Of the webjar only the two files the page
 * needs can be reached. Everything is read once, at start: a missing file is found then,
 * and no request reads a jar on an event loop.
 */
@Configuration(proxyBeanMethods = false)
class DocsRoutes {

	/** The version is left open, so that only the pom knows it. */
	private static final String SWAGGER_UI = "classpath*:META-INF/resources/webjars/swagger-ui/*/";

	private static final MediaType HTML = new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8);

	private static final MediaType SCRIPT = MediaType.parseMediaType("text/javascript;charset=UTF-8");

	private static final MediaType STYLE = MediaType.parseMediaType("text/css;charset=UTF-8");

	/** Nothing but this service; the icons inside Swagger UI's styles are data URLs. */
	private static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"
			+ " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

	@Bean
	RouterFunction<ServerResponse> docsResources(ResourcePatternResolver files) throws IOException {
		HandlerFunction<ServerResponse> document = serve(read(files, "classpath:openapi.yaml"),
				MediaType.APPLICATION_YAML);
		HandlerFunction<ServerResponse> page = serve(read(files, "classpath:docs/index.html"), HTML);
		HandlerFunction<ServerResponse> file = oneOf(
				Map.of("init.js", serve(read(files, "classpath:docs/init.js"), SCRIPT), "swagger-ui-bundle.js",
						serve(read(files, SWAGGER_UI + "swagger-ui-bundle.js"), SCRIPT), "swagger-ui.css",
						serve(read(files, SWAGGER_UI + "swagger-ui.css"), STYLE)));
		return Resource.at("/openapi.yaml")
			.get(document, MediaType.APPLICATION_YAML)
			.routes()
			.and(Resource.at("/docs").get(page, HTML).routes())
			.and(Resource.at("/docs/{file}").get(file, SCRIPT, STYLE).routes());
	}

	private static byte[] read(ResourcePatternResolver files, String location) throws IOException {
		return Arrays.stream(files.getResources(location))
			.findFirst()
			.orElseThrow(() -> new FileNotFoundException(location))
			.getContentAsByteArray();
	}

	private static HandlerFunction<ServerResponse> oneOf(Map<String, HandlerFunction<ServerResponse>> files) {
		return (request) -> files.getOrDefault(PathSegments.decode(request, 1), DocsRoutes::notFound).handle(request);
	}

	private static Mono<ServerResponse> notFound(ServerRequest request) {
		return Mono.error(Problems.notFound());
	}

	private static HandlerFunction<ServerResponse> serve(byte[] content, MediaType type) {
		String etag = "\"" + DigestUtils.md5DigestAsHex(content) + "\"";
		return (request) -> Answers.notModified(request, etag)
			.switchIfEmpty(ServerResponse.ok()
				.contentType(type)
				.eTag(etag)
				// a path stays when its content changes, so it is asked for every time
				.cacheControl(CacheControl.noCache())
				.header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
				.header("X-Content-Type-Options", "nosniff")
				.bodyValue(content));
	}

}
