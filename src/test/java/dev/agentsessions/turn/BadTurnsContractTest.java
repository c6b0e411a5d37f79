package dev.agentsessions.turn;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import dev.agentsessions.Api;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Api.TURNS;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Turns that cannot be taken.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class BadTurnsContractTest extends TurnFixture {

	BadTurnsContractTest(Engine engine) {
		super(engine);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
			{}                                                          | ""
			{'messages':[]}                                             | ""
			{'messages':null,'agent_switch':null,'agent_context':null}  | ""
			[]                                                          | ""
			{'messages':{'role':'user','content':'x'}}                  | /messages
			{'messages':'x'}                                            | /messages
			{'messages':[5]}                                            | /messages/0
			{'messages':[{'role':'user'}]}                              | /messages/0/content
			{'messages':[{'role':'user','content':'x','seq':1}]}        | /messages/0/seq
			{'agent_switch':{}}                                         | /agent_switch/to_agent
			{'agent_switch':'a'}                                        | /agent_switch
			{'agent_switch':{'to_agent':'LONG'}}                        | /agent_switch/to_agent
			{'agent_switch':{'to_agent':'a','reason':1}}                | /agent_switch/reason
			{'agent_switch':{'to_agent':'a','at_seq':1}}                | /agent_switch/at_seq
			{'agent_context':{}}                                        | /agent_context/metadata
			{'agent_context':{'metadata':null}}                         | /agent_context/metadata
			{'agent_context':{'metadata':[]}}                           | /agent_context/metadata
			{'agent_context':[]}                                        | /agent_context
			{'agent_context':{'metadata':{},'current_agent':'a'}}       | /agent_context/current_agent
			{'agent_switch':{'to_agent':'a'},'session_id':'x'}          | /session_id
			{'session':{}}                                              | ""
			{'session':{'owner':null}}                                  | ""
			{'session':{'labels':{'a':null}}}                           | ""
			""")
	void refusesATurnThatIsNotValid(String body, String pointer) {
		String session = this.api.sessionOf(1);
		this.api.makeSwitch(session, json("{'to_agent':'a'}")).expect(201);
		Map<String, JsonNode> before = everything(session);
		JsonNode problem = takeTurn(session, body.replace("LONG", "a".repeat(256))).wrongAt(pointer);
		assertThat(problem.path("errors")).as("a mistake is named once").hasSize(1);
		assertThat(everything(session)).isEqualTo(before);
	}

	@Test
	void takesAThousandMessagesAtOnceAndNotOneMore() {
		String session = Api.newId();
		String[] contents = IntStream.rangeClosed(1, 1001).mapToObj(Integer::toString).toArray(String[]::new);
		takeTurn(session, turn(contents)).wrongAt("/messages");
		this.api.get(SESSION, session).problem(404, "session-not-found");
		List<String> thousand = List.of(contents).subList(0, 1000);
		assertThat(range(takeTurn(session, turn(thousand.toArray(String[]::new))).expect(201).json()))
			.containsExactly(1L, 1000L);
		assertThat(this.api.contents(session)).isEqualTo(thousand);
	}

	@Test
	void refusesAMessageThatIsTooLarge() {
		String session = Api.newId();
		takeTurn(session, turn("a", "x".repeat((1 << 20) + 1))).problem(413, "too-large");
		this.api.get(SESSION, session).problem(404, "session-not-found");
	}

	@Test
	void refusesWhatIsNotJsonOrHasNoPlace() {
		String session = Api.newId();
		this.api.post(TURNS, session).ndjson(message("a")).send().problem(415, "unsupported-media-type");
		this.api.post(TURNS, session).json("{\"messages\":").send().problem(400, "invalid-request");
		takeTurn("a/b", WHOLE).wrongParameter("session_id");
		withKey(session, "k".repeat(256)).json(json(WHOLE)).send().wrongParameter("Idempotency-Key");
		this.api.get(SESSION, session).problem(404, "session-not-found");
	}

}
