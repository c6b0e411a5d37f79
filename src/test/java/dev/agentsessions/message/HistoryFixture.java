package dev.agentsessions.message;

import java.util.List;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.database.Engine;
import tools.jackson.databind.JsonNode;

import static dev.agentsessions.Api.HISTORY;
import static dev.agentsessions.Fields.contents;
import static dev.agentsessions.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Histories, in a store on either engine.
 */
abstract class HistoryFixture {

	final Api api;

	HistoryFixture(Engine engine) {
		this.api = Api.on(engine);
	}

	List<String> history(String session) {
		JsonNode history = this.api.get(HISTORY, session).expect(200).json();
		return contents(history.path("messages").valueStream().toList());
	}

	static void assertSaved(Answer answer, long lastSeq, long appended, boolean replaced) {
		JsonNode saved = answer.expect(200).json();
		assertThat(List.of(saved.path("last_seq").longValue(), saved.path("appended").longValue(),
				saved.path("replaced").booleanValue()))
			.containsExactly(lastSeq, appended, replaced);
	}

}
