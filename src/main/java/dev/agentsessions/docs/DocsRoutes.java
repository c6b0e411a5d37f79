package dev.agentsessions.docs;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;

import dev.agentsessions.web.answer.StaticFiles;
import dev.agentsessions.web.routing.Resource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.support.ResourcePatternResolver;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * Serves the OpenAPI document and Swagger UI. Of the webjar only the two files the page
 * needs can be reached.
 */
@Configuration(proxyBeanMethods = false)
class DocsRoutes {

	/** The version is left open, so that only the pom knows it. */
	private static final String SWAGGER_UI = "classpath*:META-INF/resources/webjars/swagger-ui/*/";

	@Bean
	RouterFunction<ServerResponse> docsResources(ResourcePatternResolver files) throws IOException {
		HandlerFunction<ServerResponse> document = serve(files, "classpath:openapi.yaml", MediaType.APPLICATION_YAML);
		HandlerFunction<ServerResponse> page = serve(files, "classpath:docs/index.html", StaticFiles.HTML);
		HandlerFunction<ServerResponse> file = StaticFiles
			.oneOf(Map.of("init.js", serve(files, "classpath:docs/init.js", StaticFiles.SCRIPT), "swagger-ui-bundle.js",
					serve(files, SWAGGER_UI + "swagger-ui-bundle.js", StaticFiles.SCRIPT), "swagger-ui.css",
					serve(files, SWAGGER_UI + "swagger-ui.css", StaticFiles.STYLE)));
		return Resource.at("/openapi.yaml")
			.get(document, MediaType.APPLICATION_YAML)
			.routes()
			.and(Resource.at("/docs").get(page, StaticFiles.HTML).routes())
			.and(Resource.at("/docs/{file}").get(file, StaticFiles.SCRIPT, StaticFiles.STYLE).routes());
	}

	private static HandlerFunction<ServerResponse> serve(ResourcePatternResolver files, String location, MediaType type)
			throws IOException {
		return StaticFiles.serve(Arrays.stream(files.getResources(location))
			.findFirst()
			.orElseThrow(() -> new FileNotFoundException(location)), type);
	}

}
