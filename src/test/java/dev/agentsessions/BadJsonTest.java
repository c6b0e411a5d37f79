package dev.agentsessions;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

/**
 * Bodies that are no JSON, or of another shape.
 */
class BadJsonTest extends BadInputFixture {

	BadJsonTest() {
		super(Engine.POSTGRESQL);
	}

	@ParameterizedTest
	@FieldSource("BODIES")
	void refusesWhatIsNotOneJsonValue(Body body) {
		for (String text : List.of(" ", "{", "}", "nonsense", "{'a'}", "{'a':}", "{'a':1,}", "{a:1}", "[1,]", "'x",
				"01", "1.", ".5", "+1", "NaN", "Infinity", "tru", "{'a':'\\x'}", "{'a':'\t'}", "{'a':'\n'}", "\ufeff{}",
				"{} {}", "{}]", "{},", "{}x", "{'metadata':{}}{'metadata':{}}", "/* */{}", "{}//", "\u0000{}",
				"{}\u0000")) {
			send(body, json(text)).problem(400, "invalid-request");
		}
	}

	@ParameterizedTest
	@FieldSource("BODIES")
	void refusesJsonThatIsNoObject(Body body) {
		for (String text : List.of("null", "1", "true", "'text'")) {
			send(body, json(text)).wrongAt("");
		}
	}

	@ParameterizedTest
	@FieldSource("BODIES")
	void refusesFieldsItDoesNotKnow(Body body) {
		assumeFalse(body.uri().equals(MESSAGES), "a message may have any field");
		JsonNode problem = send(body, body.with("'surprise':1")).wrongAt("/surprise");
		assertThat(problem.path("errors")).hasSize(1);
		send(body, body.with("'a/b~c':null")).wrongAt("/a~1b~0c");
		send(body, body.with("'':null")).wrongAt("/");
	}

	@ParameterizedTest
	@ValueSource(strings = { "seq", "timestamp", "session_id", "_mine", "_" })
	void refusesFieldsThatOnlyAnswersHave(String field) {
		String message = json("{'role':'user','content':'x','" + field + "':1}");
		refuse(message).wrongAt("/" + field);
		refuse("[" + message("fine") + "," + message + "]").wrongAt("/1/" + field);
		this.api.put(json("{'messages':[") + message + "]}", this.session).wrongAt("/messages/0/" + field);
	}

	@Test
	void namesThePlaceInAPart() {
		refuse(json("{'role':'user','content':[{},'x']}")).wrongAt("/content/1");
		refuse(json("{'role':'user','content':[{'type':'text','text':'\\u0000'}]}")).wrongAt("/content/0/text");
		refuse(json("{'role':'user','parts':[{'text':'\\ud800'}]}")).wrongAt("/parts/0/text");
		refuse("[" + message("fine") + "," + json("{'role':'user','content':[[]]}") + "]").wrongAt("/1/content/0");
	}

	@Test
	void refusesMoreOtherFieldsThanAMessageMayHave() {
		String others = IntStream.range(0, 65).mapToObj((i) -> "'f" + i + "':1").collect(Collectors.joining(","));
		refuse(json("{'role':'user','content':'x'," + others + "}")).wrongAt("");
		refuse(json("{'role':'user','deep':" + "[".repeat(65) + "]".repeat(65) + "}")).wrongAt("/deep");
		refuse(json("{'content':'x'}")).wrongAt("/role");
		refuse(json("{'type':5,'content':'x'}")).wrongAt("/role");
		refuse(json("{'role':'user','refusal':null}")).wrongAt("/content");
	}

	@Test
	void refusesKeysThatAreGivenTwice() {
		refuse(json("{'role':'user','role':'user','content':'x'}")).wrongAt("/role");
		refuse(json("{'role':'user','content':'x','metadata':{'a':{'b':1,'b':1}}}")).wrongAt("/metadata/a/b");
		refuse(json("{'role':'user','content':'x','metadata':{'a':1,'\\u0061':1}}")).wrongAt("/metadata/a");
		refuse(json("{'role':'user','tool_calls':[{'':1,'':2}]}")).wrongAt("/tool_calls/0/");
		this.api.create(json("{'metadata':{},'metadata':{}}")).wrongAt("/metadata");
	}

	@ParameterizedTest
	@MethodSource("wrongValues")
	void refusesAValueOfAnotherType(String field, String value) {
		String body = json("{'role':'user','content':'x','tool_calls':[]}");
		String wrong = "\"" + field + "\":" + json(value);
		String with = body.contains("\"" + field + "\":")
				? body.replaceFirst("\"" + field + "\":(\"\\w+\"|\\[\\])", wrong)
				: body.replaceFirst("}", "," + wrong + "}");
		refuse(with).wrongAt("/" + field);
		refuse("[" + message("fine") + "," + with + "]").wrongAt("/1/" + field);
		this.api.post(MESSAGES, this.session).ndjson(with).send().wrongAt("/" + field);
		this.api.put(json("{'messages':[") + with + "]}", this.session).wrongAt("/messages/0/" + field);
	}

	static Stream<Object[]> wrongValues() {
		return Stream
			.of(wrong("role", "5", "true", "[]", "{}", "''", "'robot'", "'User'", "' user'"),
					wrong("content", "5", "0.5", "true", "{'text':'x'}"), wrong("id", "5", "true", "[]", "{}", "''"),
					wrong("name", "5", "false", "[]", "{}"), wrong("tool_call_id", "5", "false", "['x']", "{}"),
					wrong("tool_calls", "{}", "'[]'", "5", "true"),
					wrong("token_count", "'5'", "1.9", "0.5", "1e-1", "-1", "true", "[]", "{}", "1000000000001", "1e20",
							"''"),
					wrong("metadata", "[]", "'{}'", "5", "true"))
			.flatMap((wrongs) -> wrongs);
	}

	private static Stream<Object[]> wrong(String field, String... values) {
		return Arrays.stream(values).map((value) -> new Object[] { field, value });
	}

	@Test
	void refusesValuesOfAnotherTypeInSessionsAndHistories() {
		for (String value : List.of("5", "true", "[]", "{}")) {
			this.api.create(json("{'session_id':" + value + "}")).wrongAt("/session_id");
		}
		for (String value : List.of("5", "'x'", "[]", "false")) {
			this.api.create(json("{'metadata':" + value + "}")).wrongAt("/metadata");
			this.api.request(HttpMethod.PATCH, SESSION, this.session)
				.json(json("{'metadata':" + value + "}"))
				.send()
				.wrongAt("/metadata");
			this.api.put(json("{'messages':" + ("[]".equals(value) ? "{}" : value) + "}"), this.session)
				.wrongAt("/messages");
		}
		for (String value : List.of("5", "[]", "''", "'now'", "'2026-13-01T00:00:00Z'", "'0000-12-31T23:59:59Z'")) {
			this.api.put(json("{'messages':[],'last_activity':" + value + "}"), this.session).wrongAt("/last_activity");
		}
	}

}
