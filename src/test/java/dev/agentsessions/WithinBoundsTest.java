package dev.agentsessions;

import java.util.List;

import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Api.HISTORY;
import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is just within the bounds comes back as it was sent.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class WithinBoundsTest extends BadInputFixture {

	WithinBoundsTest(Engine engine) {
		super(engine);
	}

	@ParameterizedTest
	@ValueSource(strings = { "1234567890123456789012345678901234567890", "-0.123456789012345678901234567890123456789",
			"1e308", "-1e308", "1E+308", "1e-308", "-1e-308", "1.234567890123456789012345678901234567890e-300", "0",
			"-0", "-0.0", "0e5", "1.50", "100", "1e2", "9007199254740993", "18446744073709551616", "0.1", "1e131" })
	void numbersComeBackEqualInValue(String number) {
		assertComesBack("[" + number + ",{\"n\":" + number + "}]");
	}

	@ParameterizedTest
	@ValueSource(strings = { "\ufffd", "😀", "\u2028\u2029", "\udbff\udfff", "\uffff\ufffe", "\u007f\u0080\u009f",
			"e\u0301\u00e9", "\\u0001\\u001f\\b\\t\\n\\f\\r", "\\\"\\\\\\/", "\\ud83d\\ude00", "\u200d\ufeff",
			" lead and trail ", "\\u0061", "null", "' or 1=1; --", "${x} {{y}} <z>", "שלום עולם" })
	void textComesBackExactly(String escaped) {
		String text = Json.parse("\"" + escaped + "\"").stringValue();
		assertComesBack("[\"" + escaped + "\",{\"" + escaped + "\":\"" + escaped + "\"}]");
		JsonNode session = this.api
			.create("{\"owner\":\"" + escaped + "\",\"title\":\"" + escaped + "\",\"labels\":{\"a\":\"" + escaped
					+ "\"}}")
			.expect(201)
			.json();
		JsonNode read = this.api.session(session.path("session_id").stringValue());
		for (String field : List.of("/owner", "/title", "/labels/a")) {
			assertThat(read.at(field).stringValue()).isEqualTo(text);
		}
		String other = Api.newId();
		this.api
			.append(other,
					"{\"role\":\"user\",\"content\":\"" + escaped + "\",\"name\":\"" + escaped
							+ "\",\"tool_call_id\":\"" + escaped + "\"}")
			.expect(201);
		this.api.append(other, "{\"role\":\"user\",\"content\":\"" + escaped + "\",\"metadata\":{}}").expect(201);
		List<JsonNode> log = this.api.log(other);
		for (String field : List.of("content", "name", "tool_call_id")) {
			assertThat(log.get(0).path(field).stringValue()).isEqualTo(text);
		}
		assertThat(log.get(1).path("content").stringValue()).isEqualTo(text);
		assertThat(this.api.get(HISTORY, other).json().at("/messages/0/content").stringValue()).isEqualTo(text);
	}

	@ParameterizedTest
	@ValueSource(strings = { "100", "1e2", "100.0", "1000e-1", "10.0e1" })
	void aWholeNumberIsOneHoweverItIsWritten(String number) {
		String other = Api.newId();
		this.api.append(other, json("{'role':'user','content':'x','token_count':" + number + "}")).expect(201);
		assertThat(this.api.stats(other).path("total_tokens").longValue()).isEqualTo(100);
	}

	@Test
	void longNamesOfFieldsComeBack() {
		String name = "n".repeat(60_000);
		assertComesBack("[{\"" + name + "\":1}]");
		String other = Api.newId();
		this.api.append(other, "{\"role\":\"user\",\"" + name + "\":\"x\"}").expect(201);
		assertThat(this.api.log(other).get(0).path(name).stringValue()).isEqualTo("x");
	}

	@Test
	void nestingOfAHundredLevelsComesBack() {
		assertComesBack("[".repeat(100) + "{\"a\":1}" + "]".repeat(100));
	}

	@Test
	void everyKindOfJsonComesBack() {
		assertComesBack("[null,true,false,0,\"\",[],{},{\"\":null},[[]],{\"a\":{\"b\":[1,\"2\",null]}}]");
	}

	/** As tool calls, in the metadata of a message and of a session, both ways in. */
	private void assertComesBack(String array) {
		Object expected = Json.value(array);
		String other = Api.newId();
		String sent = json("{'role':'assistant','tool_calls':") + array + json(",'metadata':{'a':") + array + "}}";
		this.api.append(other, sent).expect(201);
		this.api.post(MESSAGES, other).ndjson(sent).send().expect(201);
		for (JsonNode stored : this.api.log(other)) {
			assertThat(Json.value(stored.path("tool_calls"))).isEqualTo(expected);
			assertThat(Json.value(stored.at("/metadata/a"))).isEqualTo(expected);
		}
		JsonNode history = this.api.get(HISTORY, other).expect(200).json();
		assertThat(Json.value(history.at("/messages/1/tool_calls"))).isEqualTo(expected);
		JsonNode saved = this.api.save(other, sent, sent).expect(200).json();
		assertThat(saved.path("appended").intValue(-1)).isZero();
		JsonNode patched = this.api.request(HttpMethod.PATCH, SESSION, other)
			.json(json("{'metadata':{'a':") + array + "}}")
			.send()
			.expect(200)
			.json();
		assertThat(Json.value(patched.at("/metadata/a"))).isEqualTo(expected);
		assertThat(Json.value(this.api.session(other).at("/metadata/a"))).isEqualTo(expected);
	}

}
