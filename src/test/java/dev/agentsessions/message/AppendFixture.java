package dev.agentsessions.message;

import java.util.List;

import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.database.Engine;
import tools.jackson.databind.JsonNode;

import static dev.agentsessions.Fields.numbers;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Appends, in a store on either engine.
 */
abstract class AppendFixture {

	static final String REPLAYED = "Idempotency-Replayed";

	final Api api;

	AppendFixture(Engine engine) {
		this.api = Api.on(engine);
	}

	static List<String> numbered(int from, int to) {
		return numbers(from, to).stream().map(Json::message).toList();
	}

	static void assertRange(JsonNode appended, long first, long last) {
		assertThat(List.of(appended.path("first_seq").longValue(), appended.path("last_seq").longValue()))
			.containsExactly(first, last);
	}

}
