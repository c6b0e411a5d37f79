package dev.agentsessions;

import java.util.HexFormat;
import java.util.List;

import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Json.json;

/**
 * Text and numbers that cannot be kept as they are.
 */
class BadTextTest extends BadInputFixture {

	BadTextTest() {
		super(Engine.POSTGRESQL);
	}

	@ParameterizedTest
	@ValueSource(strings = { "C1 A1", "C0 80", "E0 80 80", "ED A0 80", "ED A0 BD ED B8 80", "FF", "80", "C3",
			"F4 90 80 80", "F8 88 80 80 80", "E2 82", "F0 9F 98" })
	void refusesWhatIsNotUtf8(String bytes) {
		byte[] wrong = HexFormat.of().parseHex(bytes.replace(" ", ""));
		for (String around : List.of("{'role':'user','content':'…'}",
				"{'role':'user','content':'x','metadata':{'…':1}}", "{'role':'user','tool_calls':['…']}")) {
			byte[] body = replace(json(around), wrong);
			checked(this.api.post(MESSAGES, this.session).body("application/json", body).send()).problem(400,
					"invalid-request");
			checked(this.api.post(MESSAGES, this.session).body("application/x-ndjson", body).send()).problem(400,
					"invalid-request");
		}
		checked(this.api.post("/v1/sessions")
			.body("application/json", replace(json("{'session_id':'…'}"), wrong))
			.send()).problem(400, "invalid-request");
	}

	@Test
	void ofAPlaceWithALongNameItTellsTheBeginning() {
		String most = "x".repeat(499);
		String less = "x".repeat(498);
		this.api.create("{\"" + most + "\":1}").wrongAt("/" + most);
		this.api.create("{\"" + most + "y\":1}").wrongAt("/" + most + "…");
		this.api.create("{\"" + less + "/y\":1}").wrongAt("/" + less + "…");
		this.api.create("{\"" + less + "🙂\":1}").wrongAt("/" + less + "…");
		this.api.get("/v1/sessions?" + most + "yz=1").wrongParameter(most + "y…");
	}

	@ParameterizedTest
	@ValueSource(strings = { "\\u0000", "a\\u0000b", "\\ud800", "\\udc00", "\\ude00\\ud83d", "\\ud83dx",
			"\\ud83d\\ud83d", "\\ud83d\\u0041" })
	void refusesTextThatIsNoText(String text) {
		refuse(json("{'role':'user','content':'" + text + "'}")).wrongAt("/content");
		refuse(json("{'role':'user','content':'x','name':'" + text + "'}")).wrongAt("/name");
		refuse(json("{'role':'user','content':'x','tool_call_id':'" + text + "'}")).wrongAt("/tool_call_id");
		refuse(json("{'role':'user','tool_calls':[0,{'a':'" + text + "'}]}")).wrongAt("/tool_calls/1/a");
		refuse(json("{'role':'user','content':'x','metadata':{'a':['" + text + "']}}")).wrongAt("/metadata/a/0");
		String shown = Json.parse("\"" + text + "\"").stringValue().replaceAll("\\p{Cs}", "\uFFFD");
		refuse(json("{'role':'user','content':'x','metadata':{'" + text + "':1}}")).wrongAt("/metadata/" + shown);
		refuse(json("{'role':'user','content':'x','" + text + "':1}")).wrongAt("/" + shown);
		refuse(json("[{'role':'user','content':'" + text + "'}]")).wrongAt("/0/content");
		this.api.create(json("{'session_id':'" + text + "'}")).wrongAt("/session_id");
		this.api.create(json("{'metadata':{'a':'" + text + "'}}")).wrongAt("/metadata/a");
		this.api.create(json("{'owner':'" + text + "'}")).wrongAt("/owner");
		this.api.create(json("{'title':'" + text + "'}")).wrongAt("/title");
		this.api.create(json("{'labels':{'a':'" + text + "'}}")).wrongAt("/labels/a");
		this.api.create(json("{'labels':{'" + text + "':'a'}}")).wrongAt("/labels/" + shown);
		this.api.create(json("{'metadata':{'" + text + "':{}}}")).problem(400, "invalid-request");
		this.api.put(json("{'messages':[{'role':'user','content':'" + text + "'}]}"), this.session)
			.wrongAt("/messages/0/content");
	}

	@Test
	void refusesControlCharactersThatAreNotEscaped() {
		for (String raw : List.of("\u0000", "\u0001", "\n", "\u001f")) {
			refuse(json("{'role':'user','content':'a" + raw + "b'}")).problem(400, "invalid-request");
			refuse(json("{'role':'user','content':'x','metadata':{'" + raw + "':1}}")).problem(400, "invalid-request");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "12345678912345678912345678912345678912345", "-1.2345678912345678912345678912345678912345",
			"0.12345678912345678912345678912345678912341", "1e309", "-1e309", "1.1e308", "1e-309", "9e-309", "1e400",
			"1e99999", "-1e-99999", "1e2147483648", "1e-2147483648", "1e99999999999999999999", "0e99999999999",
			"12345678901234567890123456789012345678901e-50" })
	void refusesNumbersThatAreTooLongOrTooLarge(String number) {
		refuse(json("{'role':'user','content':'x','metadata':{'n':" + number + "}}")).wrongAt("/metadata/n");
		refuse(json("{'role':'user','tool_calls':[[" + number + "]]}")).wrongAt("/tool_calls/0/0");
		refuse(json("{'role':'user','content':'x','token_count':" + number + "}")).wrongAt("/token_count");
		this.api.create(json("{'metadata':{'n':" + number + "}}")).wrongAt("/metadata/n");
	}

	@Test
	void refusesANumberOfManyThousandDigits() {
		for (String number : List.of("9".repeat(2000), "0." + "1".repeat(2000), "9".repeat(500_000))) {
			refuse(json("{'role':'user','content':'x','metadata':{'n':" + number + "}}")).problem(400,
					"invalid-request");
		}
	}

	@Test
	void refusesWhatIsNestedTooDeeply() {
		for (int depth : List.of(1000, 100_000)) {
			refuse(json("{'role':'user','tool_calls':" + "[".repeat(depth) + "]".repeat(depth) + "}")).problem(400,
					"invalid-request");
			refuse(json(
					"{'role':'user','content':'x','metadata':" + "{'a':".repeat(depth) + "1" + "}".repeat(depth) + "}"))
				.problem(400, "invalid-request");
			refuse("[".repeat(depth)).problem(400, "invalid-request");
		}
	}

}
