package dev.agentsessions.agent;

import java.util.List;

import dev.agentsessions.Json;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import static dev.agentsessions.Api.CONTEXT;
import static dev.agentsessions.Api.SWITCHES;
import static dev.agentsessions.Fields.time;
import static dev.agentsessions.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The context of a session: which agent is at work, and what it remembers.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class AgentContractTest extends AgentFixture {

	AgentContractTest(Engine engine) {
		super(engine);
	}

	@Test
	void aHistoryOfMoreSwitchesThanMayBeIsRefused() {
		String session = this.api.sessionOf(1);
		String one = "{'from':'a','to':'b'}";
		save(session, "{'current_agent':'b','agent_history':[" + (one + ",").repeat(10_000) + one + "]}")
			.tooLargeAt("/agent_history");
		this.api.get(CONTEXT, session).problem(404, "agent-context-not-found");
	}

	@Test
	void savesANewContext() {
		String session = this.api.sessionOf(2);
		JsonNode saved = save(session, "{'current_agent':'planner'}").expect(200).json();
		String now = this.api.session(session).path("last_activity").stringValue();
		assertThat(Json.value(saved)).isEqualTo(Json.value(
				json("{'session_id':'%s','current_agent':'planner','switch_count':0,'metadata':{},".formatted(session)
						+ "'created_at':'%1$s','updated_at':'%1$s'}".formatted(now))));
		assertThat(this.api.context(session)).isEqualTo(saved);
		assertThat(this.api.switches(session)).isEmpty();
	}

	@Test
	void keepsEveryFieldOfAContext() {
		String session = this.api.sessionOf(3);
		JsonNode saved = save(session,
				"{'current_agent':'c','metadata':{'deep':[1.50,{'é😀':null}]},'created_at':'2026-01-31T09:26:53.589793Z',"
						+ "'switch_count':7,'agent_history':[{'to':'a'}," + STORED + ",{'from':'b','to':'c'}]}")
			.expect(200)
			.json();
		assertThat(saved.path("switch_count").longValue()).isEqualTo(7);
		assertThat(saved.path("created_at").stringValue()).isEqualTo("2026-01-31T09:26:53.589793Z");
		assertThat(Json.value(saved.path("metadata"))).isEqualTo(Json.value(json("{'deep':[1.5,{'é😀':null}]}")));
		String now = this.api.session(session).path("last_activity").stringValue();
		assertThat(saved.path("updated_at").stringValue()).isEqualTo(now);
		assertThat(saved.path("last_switch_at").stringValue()).isEqualTo(now);
		assertThat(Json.value(this.api.get(SWITCHES + "?order=asc", session).expect(200).json())).isEqualTo(Json
			.value(json(("{'data':[{'switch_no':1,'to_agent':'a','switched_at':'%1$s','metadata':{},'at_seq':3},"
					+ "{'switch_no':2,'from_agent':'a','to_agent':'b','switched_at':'2026-01-31T09:26:53.589793Z',"
					+ "'reason':'r','metadata':{'x':1000,'y':[1,null]},'at_seq':3},{'switch_no':3,'from_agent':'b',"
					+ "'to_agent':'c','switched_at':'%1$s','metadata':{},'at_seq':3}],'has_more':false}")
				.formatted(now))));
	}

	@ParameterizedTest
	@ValueSource(strings = { "{'current_agent':'other'}",
			"{'current_agent':'other','agent_history':null,'metadata':null,'created_at':null,'switch_count':null}" })
	void whatIsAbsentIsLeftAsItIs(String update) {
		String session = this.api.newSession();
		JsonNode before = save(session,
				"{'current_agent':'c','metadata':{'a':1},'created_at':'2026-01-31T09:26:53Z','switch_count':7,"
						+ "'agent_history':[" + STORED + "]}")
			.expect(200)
			.json();
		List<JsonNode> switches = this.api.switches(session);
		JsonNode after = save(session, update).expect(200).json();
		assertThat(after.path("current_agent").stringValue()).isEqualTo("other");
		assertThat(time(after, "updated_at")).isAfter(time(before, "updated_at"));
		assertThat(List.of("metadata", "created_at", "switch_count", "last_switch_at", "session_id"))
			.allSatisfy((field) -> assertThat(after.path(field)).isEqualTo(before.path(field)));
		assertThat(this.api.context(session)).isEqualTo(after);
		assertThat(this.api.switches(session)).isEqualTo(switches);
	}

	@Test
	void metadataIsReplacedAsAWhole() {
		String session = this.api.newSession();
		save(session, "{'current_agent':'a','metadata':{'a':1,'b':2}}").expect(200);
		for (String metadata : List.of("{\"b\":3}", "{}", "{\"c\":{\"d\":null}}")) {
			save(session, "{'current_agent':'a','metadata':" + metadata + "}").expect(200);
			assertThat(Json.value(this.api.context(session).path("metadata"))).isEqualTo(Json.value(metadata));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "2026-01-31T09:26:53.589793Z", "2026-01-31T10:26:53.589793+01:00",
			"2026-01-31T09:26:53.589793" })
	void theTimeOfCreationCanBeGiven(String given) {
		String session = this.api.newSession();
		save(session, "{'current_agent':'a'}").expect(200);
		save(session, "{'current_agent':'a','created_at':'" + given + "'}").expect(200);
		assertThat(this.api.context(session).path("created_at").stringValue()).isEqualTo("2026-01-31T09:26:53.589793Z");
	}

	@Test
	void switchesAreCountedFromWhatWasGiven() {
		String session = this.api.newSession();
		save(session, "{'current_agent':'a','switch_count':10}").expect(200);
		this.api.makeSwitch(session, json("{'to_agent':'b'}")).expect(201);
		assertThat(count(session)).isEqualTo(11);
		save(session, "{'current_agent':'c','agent_history':[{'from':'a','to':'b'},{'from':'b','to':'c'}]}")
			.expect(200);
		assertThat(count(session)).isEqualTo(2);
		save(session, "{'current_agent':'c','agent_history':[{'from':'a','to':'b'}],'switch_count':0}").expect(200);
		assertThat(count(session)).isZero();
	}

	@Test
	void anAgentHasUpTo255Characters() {
		String longest = "😀".repeat(255);
		String session = this.api.newSession();
		save(session, "{'current_agent':'%1$s','agent_history':[{'from':'%1$s','to':'%1$s'}]}".formatted(longest))
			.expect(200);
		assertThat(this.api.context(session).path("current_agent").stringValue()).isEqualTo(longest);
		assertThat(this.api.switches(session)).extracting((each) -> each.path("from_agent").stringValue())
			.containsExactly(longest);
	}

}
