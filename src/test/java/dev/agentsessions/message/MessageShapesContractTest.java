package dev.agentsessions.message;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import org.springframework.core.io.ClassPathResource;

import static dev.agentsessions.Api.HISTORY;
import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Messages as the APIs of models have them go in by every route, and come out equal in
 * value.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class MessageShapesContractTest {

	private static final Set<String> OF_THE_STORE = Set.of("seq", "timestamp");

	private final Api api;

	MessageShapesContractTest(Engine engine) {
		this.api = Api.on(engine);
	}

	@ParameterizedTest
	@ValueSource(strings = { "openai-chat", "openai-responses", "anthropic", "gemini", "ai-sdk" })
	void comesOutAsItWentIn(String shape) {
		JsonNode sent = read(shape);
		String appended = Api.newId();
		this.api.append(appended, sent.toString()).expect(201);
		assertHas(appended, sent);
		String lines = Api.newId();
		StringBuilder body = new StringBuilder();
		sent.forEach((message) -> body.append(message).append('\n'));
		this.api.post(MESSAGES, lines).ndjson(body.toString()).send().expect(201);
		assertHas(lines, sent);
		String turn = Api.newId();
		this.api.takeTurn(turn, "{\"messages\":" + sent + "}").expect(201);
		assertHas(turn, sent);
		String saved = Api.newId();
		this.api.put("{\"messages\":" + sent + "}", saved).expect(200);
		assertHas(saved, sent);
		JsonNode again = this.api.put("{\"messages\":" + sent + "}", saved).expect(200).json();
		assertThat(again.path("appended").intValue()).isZero();
		assertThat(again.path("replaced").booleanValue()).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "openai-chat", "openai-responses", "anthropic", "gemini", "ai-sdk" })
	void aHistoryCanBeSavedAsItIsRead(String shape) {
		String session = Api.newId();
		this.api.append(session, read(shape).toString()).expect(201);
		for (String form : List.of("", "?full=true")) {
			JsonNode messages = this.api.get(HISTORY + form, session).expect(200).json().path("messages");
			messages.forEach((message) -> ((ObjectNode) message).remove(OF_THE_STORE));
			JsonNode saved = this.api.put("{\"messages\":" + messages + "}", session).expect(200).json();
			assertThat(saved.path("appended").intValue()).as(form).isZero();
			assertThat(saved.path("replaced").booleanValue()).as(form).isFalse();
		}
	}

	private void assertHas(String session, JsonNode sent) {
		List<JsonNode> log = this.api.log(session);
		assertThat(this.api.page(session, "after=0").expect(200).data()).isEqualTo(log);
		JsonNode full = this.api.get(HISTORY + "?full=true", session).expect(200).json().path("messages");
		JsonNode history = this.api.get(HISTORY, session).expect(200).json().path("messages");
		assertThat(log).hasSize(sent.size());
		for (int i = 0; i < sent.size(); i++) {
			assertThat(comparable(log.get(i))).isEqualTo(comparable(sent.get(i)));
			assertThat(comparable(full.get(i))).isEqualTo(comparable(sent.get(i)));
			assertThat(full.get(i).path("seq").longValue()).isEqualTo(i + 1);
			ObjectNode shown = (ObjectNode) sent.get(i).deepCopy();
			shown.remove(List.of("token_count", "metadata"));
			assertThat(comparable(history.get(i))).isEqualTo(comparable(shown));
		}
	}

	/** Without what the store adds; no content is no content. */
	private static Object comparable(JsonNode message) {
		ObjectNode copy = (ObjectNode) message.deepCopy();
		copy.remove(OF_THE_STORE);
		if (copy.path("content").isNull()) {
			copy.remove("content");
		}
		return Json.value(copy);
	}

	@Test
	void aHistoryHasNullForAContentThatMakesRoomForToolCalls() {
		String session = Api.newId();
		this.api
			.append(session,
					json("[{'role':'assistant','tool_calls':[{'id':1}]},"
							+ "{'role':'assistant','tool_calls':[{'id':1}],'refusal':null},"
							+ "{'role':'assistant','content':null,'refusal':'no'},{'role':'assistant','refusal':'no'},"
							+ "{'role':'model','parts':[]}]"))
			.expect(201);
		List<String> contents = new ArrayList<>();
		this.api.get(HISTORY, session)
			.expect(200)
			.json()
			.path("messages")
			.forEach((message) -> contents.add(message.has("content") ? message.path("content").toString() : "absent"));
		assertThat(contents).containsExactly("null", "null", "null", "absent", "absent");
	}

	@Test
	void whatIsTakenAloneIsTakenInEveryOtherBody() {
		String session = Api.newId();
		for (String field : List.of("content", "tool_calls", "metadata")) {
			String message = "{'role':'user','content':'x','" + field + "':%s}";
			message = field.equals("content") ? "{'role':'user','content':%s}" : message;
			this.api.append(session, json(message.formatted(nested(field, 191)))).wrongAt("/" + field);
			this.api.append(session, json(message.formatted(nested(field, 190)))).expect(201);
		}
		String history = this.api.get(HISTORY, session).expect(200).json().path("messages").toString();
		this.api.takeTurn(session, "{\"messages\":" + history + "}").expect(201);
		JsonNode saved = this.api
			.put("{\"messages\":" + this.api.get(HISTORY, session).expect(200).json().path("messages") + "}", session)
			.expect(200)
			.json();
		assertThat(saved.path("appended").intValue()).isZero();
	}

	/** An array, or for metadata an object, of so many levels. */
	private static String nested(String field, int levels) {
		return field.equals("metadata") ? "{'a':".repeat(levels) + "1" + "}".repeat(levels)
				: "[" + "{'a':".repeat(levels - 1) + "1" + "}".repeat(levels - 1) + "]";
	}

	@Test
	void comparesWhatIsSentOfTheOtherFields() {
		String session = Api.newId();
		String stored = json("{'id':'one','role':'assistant','content':[{'a':1.50}],'reasoning_content':'r','x':null}");
		this.api.append(session, stored).expect(201);
		for (String same : List.of("{'role':'assistant','content':[{'a':1.5}]}",
				"{'id':'one','role':'assistant','content':[{'a':15e-1}],'x':null}")) {
			assertThat(save(session, same)).as(same).isFalse();
		}
		for (String other : List.of("{'role':'assistant','content':[{'a':2}]}", "{'role':'assistant','content':'x'}",
				"{'id':'two','role':'assistant','content':[{'a':1.5}]}",
				"{'role':'assistant','content':[{'a':1.5}],'reasoning_content':'other'}",
				"{'role':'assistant','content':[{'a':1.5}],'x':5}", "{'role':'assistant','content':[]}")) {
			assertThat(save(session, other)).as(other).isTrue();
			this.api.put("{\"messages\":[" + stored + "]}", session).expect(200);
		}
	}

	private boolean save(String session, String message) {
		return this.api.put("{\"messages\":[" + json(message) + "]}", session)
			.expect(200)
			.json()
			.path("replaced")
			.booleanValue();
	}

	private static JsonNode read(String shape) {
		try {
			return Json
				.parse(new ClassPathResource("messages/" + shape + ".json").getContentAsString(StandardCharsets.UTF_8));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
