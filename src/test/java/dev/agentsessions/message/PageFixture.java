package dev.agentsessions.message;

import java.util.List;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.database.Engine;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Json.message;

/**
 * Pages of messages, in a store on either engine.
 */
abstract class PageFixture {

	static final List<String> ROLES = List.of("user", "assistant", "system", "tool");

	final Api api;

	PageFixture(Engine engine) {
		this.api = Api.on(engine);
	}

	List<JsonNode> lines(String uri, Object... variables) {
		return this.api.request(HttpMethod.GET, uri, variables)
			.header("Accept", "application/x-ndjson")
			.send()
			.expect(200)
			.lines();
	}

	static List<String> contents(JsonNode page) {
		return page.path("data").valueStream().map((message) -> message.path("content").stringValue()).toList();
	}

	static List<String> contents(Answer page) {
		return contents(page.expect(200).json());
	}

	static List<String> all(List<Answer> pages) {
		return pages.stream().flatMap((page) -> contents(page).stream()).toList();
	}

}
