package dev.agentsessions.console;

import java.io.IOException;
import java.util.HashMap;
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
 * Serves the console, as its files are: there is no step that builds them.
 */
@Configuration(proxyBeanMethods = false)
class ConsoleRoutes {

	private static final String FILES = "classpath:console/";

	@Bean
	RouterFunction<ServerResponse> consoleResources(ConsoleSettings settings, ResourcePatternResolver files)
			throws IOException {
		if (!settings.enabled()) {
			return Resource.none();
		}
		HandlerFunction<ServerResponse> page = StaticFiles.serve(files.getResource(FILES + "index.html"),
				StaticFiles.HTML);
		Map<String, HandlerFunction<ServerResponse>> parts = new HashMap<>();
		parts.putAll(named(files, "*.js", StaticFiles.SCRIPT));
		parts.putAll(named(files, "*.css", StaticFiles.STYLE));
		return Resource.at("/console")
			.get(page, StaticFiles.HTML)
			.routes()
			.and(Resource.at("/console/{file}")
				.get(StaticFiles.oneOf(parts), StaticFiles.SCRIPT, StaticFiles.STYLE)
				.routes());
	}

	private static Map<String, HandlerFunction<ServerResponse>> named(ResourcePatternResolver files, String pattern,
			MediaType type) throws IOException {
		Map<String, HandlerFunction<ServerResponse>> handlers = new HashMap<>();
		for (org.springframework.core.io.Resource file : files.getResources(FILES + pattern)) {
			handlers.put(file.getFilename(), StaticFiles.serve(file, type));
		}
		return handlers;
	}

}
