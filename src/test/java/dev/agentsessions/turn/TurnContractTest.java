package dev.agentsessions.turn;

import java.util.List;
import java.util.Map;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import static dev.agentsessions.Api.CONTEXT;
import static dev.agentsessions.Api.HISTORY;
import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Api.TURNS;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * One turn of an agent: its messages, its switch and what the context remembers, all
 * together or nothing.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class TurnContractTest extends TurnFixture {

	TurnContractTest(Engine engine) {
		super(engine);
	}

	@Test
	void recordsMessagesSwitchAndMetadataTogether() {
		String session = this.api.sessionOf(2);
		this.api.saveContext(session, json("{'current_agent':'a','metadata':{'before':1}}")).expect(200);
		Answer answer = takeTurn(session, WHOLE).expect(201);
		assertThat(answer.header(REPLAYED)).isNull();
		String now = this.api.session(session).path("last_activity").stringValue();
		assertThat(Json.value(answer.json())).isEqualTo(Json.value(json(
				"{'first_seq':3,'last_seq':4,'agent_switch':{'switch_no':1,'from_agent':'a','to_agent':'b','reason':'done',"
						+ "'metadata':{'n':1},'at_seq':4,'switched_at':'" + now + "'}}")));
		List<JsonNode> log = this.api.log(session);
		assertThat(log).hasSize(4)
			.extracting((message) -> message.path("seq").longValue())
			.containsExactly(1L, 2L, 3L, 4L);
		assertThat(Json.value(log.get(2))).isEqualTo(
				Json.value(json("{'seq':3,'role':'user','content':'a','token_count':2,'timestamp':'" + now + "'}")));
		assertThat(Json.value(log.get(3))).isEqualTo(Json.value(json(
				"{'seq':4,'role':'assistant','tool_calls':[{'id':'c'}],'token_count':3,'timestamp':'" + now + "'}")));
		JsonNode context = this.api.context(session);
		assertThat(context.path("current_agent").stringValue()).isEqualTo("b");
		assertThat(Json.value(context.path("metadata"))).isEqualTo(Json.value(json("{'after':[1.5]}")));
		assertThat(List.of(context.path("updated_at").stringValue(), context.path("last_switch_at").stringValue()))
			.containsOnly(now);
		assertThat(Json.value(this.api.switches(session).get(0)))
			.isEqualTo(Json.value(answer.json().path("agent_switch")));
		JsonNode stats = this.api.stats(session);
		assertThat(stats.path("message_count").longValue()).isEqualTo(4);
		assertThat(stats.path("total_tokens").longValue()).isEqualTo(5);
		assertThat(stats.path("last_message_at").stringValue()).isEqualTo(now);
	}

	@Test
	void createsTheSession() {
		String session = Api.newId();
		JsonNode taken = takeTurn(session, WHOLE).expect(201).json();
		assertThat(range(taken)).containsExactly(1L, 2L);
		assertThat(taken.path("agent_switch").has("from_agent")).isFalse();
		assertThat(this.api.session(session).path("last_seq").longValue()).isEqualTo(2);
	}

	@Test
	void messagesAloneMakeNoContext() {
		String session = this.api.sessionOf(1);
		JsonNode taken = takeTurn(session, "{'messages':[{'role':'user','content':'2'}],'agent_switch':null}")
			.expect(201)
			.json();
		assertThat(Json.value(taken)).isEqualTo(Json.value(json("{'first_seq':2,'last_seq':2}")));
		this.api.get(CONTEXT, session).problem(404, "agent-context-not-found");
		assertThat(this.api.contents(session)).containsExactly("1", "2");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{'agent_switch':{'to_agent':'a'}}", "{'messages':[],'agent_switch':{'to_agent':'a'}}" })
	void aSwitchAloneAppendsNothing(String turn) {
		String session = this.api.sessionOf(3);
		JsonNode taken = takeTurn(session, turn).expect(201).json();
		assertThat(taken.has("first_seq")).isFalse();
		assertThat(taken.path("last_seq").longValue()).isEqualTo(3);
		assertThat(taken.path("agent_switch").path("at_seq").longValue()).isEqualTo(3);
		assertThat(this.api.contents(session)).containsExactly("1", "2", "3");
		String created = Api.newId();
		assertThat(takeTurn(created, turn).expect(201).json().path("last_seq").longValue(-1)).isZero();
		assertThat(this.api.context(created).path("current_agent").stringValue()).isEqualTo("a");
	}

	@Test
	void metadataAloneReplacesWhatTheContextHas() {
		String session = this.api.sessionOf(1);
		this.api.saveContext(session, json("{'current_agent':'a','metadata':{'x':1},'switch_count':3}")).expect(200);
		JsonNode before = this.api.context(session);
		JsonNode taken = takeTurn(session, "{'agent_context':{'metadata':{'y':2}}}").expect(201).json();
		assertThat(Json.value(taken)).isEqualTo(Json.value(json("{'last_seq':1}")));
		JsonNode after = this.api.context(session);
		assertThat(Json.value(after.path("metadata"))).isEqualTo(Json.value(json("{'y':2}")));
		assertThat(List.of("current_agent", "switch_count", "created_at"))
			.allSatisfy((field) -> assertThat(after.path(field)).isEqualTo(before.path(field)));
		assertThat(after.path("updated_at")).isEqualTo(this.api.session(session).path("last_activity"))
			.isNotEqualTo(before.path("updated_at"));
	}

	@Test
	void metadataIsSetAfterTheSwitchThatCreatesTheContext() {
		String session = Api.newId();
		takeTurn(session, "{'agent_context':{'metadata':{'y':2}},'agent_switch':{'to_agent':'a','metadata':{'n':1}}}")
			.expect(201);
		assertThat(Json.value(this.api.context(session).path("metadata"))).isEqualTo(Json.value(json("{'y':2}")));
	}

	@Test
	void whatATurnAppendsIsReadAtOnce() {
		String session = this.api.sessionOf(1);
		for (int i = 2; i < 8; i++) {
			String etag = this.api.page(session, "after=0").etag();
			takeTurn(session, "{'messages':[{'role':'user','content':'" + i + "'}]}").expect(201);
			Answer page = this.api.page(session, "after=0").expect(200);
			assertThat(page.etag()).isNotEqualTo(etag);
			assertThat(page.data()).hasSize(i);
			assertThat(this.api.page(session, "page=1").expect(200).json().path("total").longValue()).isEqualTo(i);
			assertThat(this.api.get(HISTORY, session).expect(200).json().path("messages")).hasSize(i);
			this.api.get(MESSAGES + "/" + i, session).expect(200);
		}
	}

	@Test
	void appendsAndTurnsContinueOneAnother() {
		String session = this.api.sessionOf(1);
		assertThat(range(takeTurn(session, turn("2", "3")).expect(201).json())).containsExactly(2L, 3L);
		this.api.append(session, message("4")).expect(201);
		assertThat(range(takeTurn(session, turn("5")).expect(201).json())).containsExactly(5L, 5L);
		this.api.save(session, message("other")).expect(200);
		assertThat(range(takeTurn(session, turn("x")).expect(201).json())).containsExactly(8L, 8L);
		assertThat(this.api.contents(session)).containsExactly("other", "x");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
			'agent_switch':{'from_agent':'other','to_agent':'b'} | 409 | agent-conflict
			'agent_switch':{'to_agent':''}                       | 400 | invalid-request
			'agent_context':{'metadata':5}                       | 400 | invalid-request
			'unknown':1                                          | 400 | invalid-request
			'agent_context':{'metadata':{'x':'LARGE'}}           | 413 | too-large
			""")
	void aPartThatFailsLeavesNothingOfTheOthers(String part, int status, String problem) {
		String session = this.api.sessionOf(2);
		this.api.makeSwitch(session, json("{'to_agent':'a'}")).expect(201);
		this.api.saveContext(session, json("{'current_agent':'a','metadata':{'x':1}}")).expect(200);
		Map<String, JsonNode> before = everything(session);
		String turn = "{'messages':[{'role':'user','content':'lost','token_count':9}],"
				+ part.replace("LARGE", "x".repeat(1 << 20)) + "}";
		takeTurn(session, turn).problem(status, problem);
		withKey(session, "key").json(json(turn)).send().problem(status, problem);
		assertThat(everything(session)).isEqualTo(before);
		assertThat(withKey(session, "key").json(json(turn("3"))).send().expect(201).header(REPLAYED))
			.as("a failure is not kept")
			.isNull();
	}

	@Test
	void aSwitchIsUndoneWhenTheMetadataFails() {
		String session = this.api.sessionOf(2);
		Map<String, JsonNode> before = everything(session);
		takeTurn(session, "{'messages':[{'role':'user','content':'lost'}],'agent_context':{'metadata':{}}}")
			.problem(404, "agent-context-not-found");
		assertThat(everything(session)).isEqualTo(before);
		JsonNode conflict = takeTurn(session, "{'agent_switch':{'from_agent':'x','to_agent':'b'},'messages':[]}")
			.expect(201)
			.json();
		assertThat(conflict.path("agent_switch").path("switch_no").longValue()).as("no number was taken").isEqualTo(1);
	}

	@Test
	void aTurnThatFailsCreatesNoSession() {
		String session = Api.newId();
		takeTurn(session, "{'messages':[{'role':'user','content':'lost'}],'agent_context':{'metadata':{}}}")
			.problem(404, "agent-context-not-found");
		takeTurn(session, "{'agent_context':{'metadata':{}}}").problem(404, "agent-context-not-found");
		takeTurn(session, "{'messages':[{'role':'user','content':'x'},{'role':'robot','content':'y'}]}")
			.wrongAt("/messages/1/role");
		ifMatch(session, "\"1\"").json(json(WHOLE)).send().problem(412, "sequence-conflict");
		this.api.get(SESSION + "?include_deleted=true", session).problem(404, "session-not-found");
		assertThat(range(takeTurn(session, WHOLE).expect(201).json())).containsExactly(1L, 2L);
		assertThat(this.api.stats(session).path("message_count").longValue()).isEqualTo(2);
	}

	@Test
	void createsNoSessionWhenAskedNotTo() {
		String session = Api.newId();
		for (String turn : List.of(WHOLE, turn("1"), "{'agent_switch':{'to_agent':'a'}}")) {
			this.api.post(TURNS + "?create=false", session).json(json(turn)).send().problem(404, "session-not-found");
		}
		this.api.get(SESSION, session).problem(404, "session-not-found");
		this.api.create(json("{'session_id':'" + session + "'}")).expect(201);
		this.api.post(TURNS + "?create=false", session).json(json(WHOLE)).send().expect(201);
		this.api.post(TURNS + "?create=1", session).json(json(WHOLE)).send().wrongParameter("create");
	}

	@Test
	void aDeletedSessionTakesNoTurn() {
		String session = this.api.sessionOf(1);
		withKey(session, "key").json(json(WHOLE)).send().expect(201);
		this.api.softDelete(session);
		takeTurn(session, WHOLE).problem(410, "session-deleted");
		withKey(session, "key").json(json(WHOLE)).send().problem(410, "session-deleted");
		ifMatch(session, "\"9\"").json(json(WHOLE)).send().problem(410, "session-deleted");
		this.api.post(TURNS + "?create=false", session).json(json(WHOLE)).send().problem(410, "session-deleted");
		this.api.post("/v1/sessions/{id}/restore", session).send().expect(200);
		assertThat(this.api.log(session)).hasSize(3);
		assertThat(this.api.switches(session)).hasSize(1);
	}

}
