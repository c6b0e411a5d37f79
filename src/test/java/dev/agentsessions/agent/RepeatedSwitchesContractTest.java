package dev.agentsessions.agent;

import java.util.List;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

import static dev.agentsessions.Api.CONTEXT;
import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SWITCHES;
import static dev.agentsessions.Api.TURNS;
import static dev.agentsessions.Fields.switchNumbers;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Switches with a key, and those that cannot be made.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class RepeatedSwitchesContractTest extends SwitchFixture {

	RepeatedSwitchesContractTest(Engine engine) {
		super(engine);
	}

	@Test
	void aRetryGetsTheFirstAnswerAgain() {
		String session = this.api.newSession();
		String body = json("{'from_agent':'x','to_agent':'a','reason':'r','metadata':{'n':1.50}}");
		Answer first = withKey(session, "key").json(body).send().expect(201);
		makeSwitch(session, "{'to_agent':'b'}").expect(201);
		JsonNode before = this.api.session(session);
		Answer again = withKey(session, "key").json(" " + body.replace(",", " , ")).send().expect(201);
		assertThat(first.header(REPLAYED)).isNull();
		assertThat(again.header(REPLAYED)).isEqualTo("true");
		assertThat(Json.value(again.json())).isEqualTo(Json.value(first.json()));
		assertThat(switchNumbers(this.api.switches(session))).containsExactly(1L, 2L);
		assertThat(this.api.session(session)).as("a replay is no activity").isEqualTo(before);
	}

	@Test
	void aRetryGetsTheFirstAnswerWhenTheSwitchIsNoLongerThere() {
		String session = this.api.newSession();
		Answer first = withKey(session, "key").json(json("{'to_agent':'a'}")).send().expect(201);
		this.api.saveContext(session, json("{'current_agent':'b','agent_history':[{'to':'b'}]}")).expect(200);
		withKey(session, "key").json(json("{'to_agent':'a'}")).send().replays(first);
		this.api.delete(CONTEXT, session).expect(204);
		withKey(session, "key").json(json("{'to_agent':'a'}")).send().replays(first);
		this.api.get(CONTEXT, session).problem(404, "agent-context-not-found");
	}

	@Test
	void aKnownKeyWinsOverTheAgentThatMustHoldTheSession() {
		String session = this.api.newSession();
		makeSwitch(session, "{'to_agent':'a'}").expect(201);
		Answer first = withKey(session, "key").json(json("{'from_agent':'a','to_agent':'b'}")).send().expect(201);
		withKey(session, "key").json(json("{'from_agent':'a','to_agent':'b'}")).send().replays(first);
	}

	@Test
	void aKeyIsNotForAnotherBody() {
		String session = this.api.newSession();
		withKey(session, "key").json(json("{'to_agent':'a'}")).send().expect(201);
		for (String other : List.of("{'to_agent':'b'}", "{'from_agent':'a','to_agent':'a'}",
				"{'to_agent':'a','reason':''}", "{'to_agent':'a','metadata':{}}")) {
			withKey(session, "key").json(json(other)).send().problem(422, "idempotency-key-reused");
		}
		assertThat(this.api.switches(session)).hasSize(1);
	}

	@Test
	void aKeyIsNotForAnotherKindOfRequest() {
		String session = this.api.sessionOf(1);
		this.api.post(MESSAGES, session).header("Idempotency-Key", "append").json(message("2")).send().expect(201);
		this.api.post(TURNS, session)
			.header("Idempotency-Key", "turn")
			.json(json("{'agent_switch':{'to_agent':'a'}}"))
			.send()
			.expect(201);
		withKey(session, "switch").json(json("{'to_agent':'a'}")).send().expect(201);
		withKey(session, "append").json(json("{'to_agent':'a'}")).send().problem(422, "idempotency-key-reused");
		withKey(session, "turn").json(json("{'to_agent':'a'}")).send().problem(422, "idempotency-key-reused");
		this.api.post(MESSAGES, session)
			.header("Idempotency-Key", "switch")
			.json(message("3"))
			.send()
			.problem(422, "idempotency-key-reused");
		this.api.post(TURNS, session)
			.header("Idempotency-Key", "switch")
			.json(json("{'agent_switch':{'to_agent':'a'}}"))
			.send()
			.problem(422, "idempotency-key-reused");
		assertThat(this.api.switches(session)).hasSize(2);
		assertThat(this.api.contents(session)).containsExactly("1", "2");
	}

	@Test
	void aFailureIsNotKept() {
		String session = this.api.newSession();
		makeSwitch(session, "{'to_agent':'a'}").expect(201);
		withKey(session, "key").json(json("{'from_agent':'x','to_agent':'b'}")).send().problem(409, "agent-conflict");
		withKey(session, "key").json(json("{'to_agent':''}")).send().problem(400, "invalid-request");
		Answer made = withKey(session, "key").json(json("{'from_agent':'a','to_agent':'b'}")).send().expect(201);
		assertThat(made.header(REPLAYED)).isNull();
		assertThat(made.json().path("switch_no").longValue()).isEqualTo(2);
	}

	@Test
	void goneWinsOverAKey() {
		String session = this.api.newSession();
		Answer first = withKey(session, "key").json(json("{'to_agent':'a'}")).send().expect(201);
		this.api.softDelete(session);
		withKey(session, "key").json(json("{'to_agent':'a'}")).send().problem(410, "session-deleted");
		this.api.post("/v1/sessions/{id}/restore", session).send().expect(200);
		withKey(session, "key").json(json("{'to_agent':'a'}")).send().replays(first);
	}

	@Test
	void aKeyHasUpTo255Characters() {
		String session = this.api.newSession();
		withKey(session, "k".repeat(256)).json(json("{'to_agent':'a'}")).send().wrongParameter("Idempotency-Key");
		withKey(session, "").json(json("{'to_agent':'a'}")).send().wrongParameter("Idempotency-Key");
		withKey(session, "k".repeat(255)).json(json("{'to_agent':'a'}")).send().expect(201);
		assertThat(this.api.switches(session)).hasSize(1);
	}

	@Test
	void manyRetriesAtOnceSwitchOnce() {
		String session = this.api.newSession();
		List<Answer> answers = Api.together(12,
				(i) -> withKey(session, "key").json(json("{'to_agent':'a','metadata':{'n':1}}")).send().expect(201));
		assertThat(answers).extracting((answer) -> Json.value(answer.json()))
			.containsOnly(Json.value(answers.get(0).json()));
		assertThat(answers).filteredOn((answer) -> answer.header(REPLAYED) == null).hasSize(1);
		assertThat(this.api.switches(session)).hasSize(1);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
			{}                                          | /to_agent
			{'from_agent':'a'}                          | /to_agent
			{'to_agent':null}                           | /to_agent
			{'to_agent':''}                             | /to_agent
			{'to_agent':5}                              | /to_agent
			{'to_agent':['a']}                          | /to_agent
			{'to_agent':'LONG'}                         | /to_agent
			{'from_agent':'','to_agent':'b'}            | /from_agent
			{'from_agent':true,'to_agent':'b'}          | /from_agent
			{'from_agent':'LONG','to_agent':'b'}        | /from_agent
			{'to_agent':'b','reason':1}                 | /reason
			{'to_agent':'b','reason':{}}                | /reason
			{'to_agent':'b','metadata':[]}              | /metadata
			{'to_agent':'b','metadata':'{}'}            | /metadata
			{'to_agent':'b','switch_no':1}              | /switch_no
			{'to_agent':'b','timestamp':'2026-01-31T00:00:00Z'} | /timestamp
			{'to':'b','to_agent':'b'}                   | /to
			[{'to_agent':'b'}]                          | ""
			'b'                                         | ""
			""")
	void refusesASwitchThatIsNotValid(String body, String pointer) {
		String session = this.api.newSession();
		JsonNode problem = makeSwitch(session, body.replace("LONG", "a".repeat(256))).wrongAt(pointer);
		assertThat(problem.path("errors")).as("a mistake is named once").hasSize(1);
		this.api.get(CONTEXT, session).problem(404, "agent-context-not-found");
	}

	@Test
	void refusesMetadataThatIsTooLarge() {
		String session = this.api.newSession();
		makeSwitch(session, "{'to_agent':'a','metadata':{'x':'" + "x".repeat(1 << 20) + "'}}").tooLargeAt("/metadata");
		this.api.get(CONTEXT, session).problem(404, "agent-context-not-found");
	}

	@Test
	void aReasonMayHaveOneMebibyte() {
		String session = this.api.newSession();
		String reason = "é".repeat(1 << 19);
		makeSwitch(session, "{'to_agent':'a','reason':'" + reason + "x'}").tooLargeAt("/reason");
		this.api.get(CONTEXT, session).problem(404, "agent-context-not-found");
		makeSwitch(session, "{'to_agent':'a','reason':'" + reason + "'}").expect(201);
	}

	@Test
	void refusesAnotherMediaType() {
		String session = this.api.newSession();
		this.api.post(SWITCHES, session).ndjson(json("{'to_agent':'a'}")).send().problem(415, "unsupported-media-type");
		this.api.post(SWITCHES, session).send().problem(415, "unsupported-media-type");
	}

}
