package dev.agentsessions.agent;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

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
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Fields.switchNumbers;
import static dev.agentsessions.Fields.time;
import static dev.agentsessions.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Contexts that are removed, listed, of sessions that are gone, and refused.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class AgentContextsContractTest extends AgentFixture {

	AgentContextsContractTest(Engine engine) {
		super(engine);
	}

	@Test
	void removesAContextWithItsSwitches() {
		String session = this.api.sessionOf(2);
		saveHistory(session, "{'from':'a','to':'b'}", "{'from':'b','to':'c'}");
		Answer deleted = this.api.delete(CONTEXT, session).expect(204);
		assertThat(deleted.body()).isEmpty();
		this.api.get(CONTEXT, session).problem(404, "agent-context-not-found");
		this.api.delete(CONTEXT, session).problem(404, "agent-context-not-found");
		assertThat(this.api.switches(session)).isEmpty();
		assertThat(this.api.contents(session)).containsExactly("1", "2");
	}

	@Test
	void aContextThatIsMadeAnewBeginsEmptyButItsNumbersGoOn() {
		String session = this.api.newSession();
		save(session, "{'current_agent':'b','metadata':{'old':1},'created_at':'2026-01-31T00:00:00Z',"
				+ "'agent_history':[{'from':'a','to':'b'}]}")
			.expect(200);
		this.api.delete(CONTEXT, session).expect(204);
		JsonNode made = this.api.makeSwitch(session, json("{'to_agent':'new'}")).expect(201).json();
		assertThat(made.path("switch_no").longValue()).isEqualTo(3);
		assertThat(made.has("from_agent")).isFalse();
		JsonNode context = this.api.context(session);
		assertThat(Json.value(context.path("metadata"))).isEqualTo(Json.value("{}"));
		assertThat(context.path("switch_count").longValue()).isEqualTo(1);
		assertThat(context.path("created_at")).isEqualTo(made.path("switched_at"));
		this.api.delete(CONTEXT, session).expect(204);
		saveHistory(session, "{'from':'a','to':'b'}");
		assertThat(switchNumbers(this.api.switches(session))).containsExactly(5L);
	}

	@Test
	void aContextGoesWithItsSession() {
		String session = this.api.newSession();
		saveHistory(session, "{'from':'a','to':'b'}");
		this.api.delete(SESSION + "?soft=false", session).expect(204);
		this.api.create(json("{'session_id':'" + session + "'}")).expect(201);
		this.api.get(CONTEXT, session).problem(404, "agent-context-not-found");
		assertThat(nextNumber(session)).isEqualTo(1);
	}

	@Test
	void listsEverySessionThatHasAContextOnce() {
		List<String> sessions = Stream.generate(this.api::newSession).limit(9).toList();
		sessions.forEach((session) -> save(session, "{'current_agent':'agent of " + session + "'}").expect(200));
		save(sessions.get(0), "{'current_agent':'changed'}").expect(200);
		this.api.delete(CONTEXT, sessions.get(4)).expect(204);
		this.api.softDelete(sessions.get(6));
		List<String> without = this.api.newSession().lines().toList();
		List<Answer> pages = this.api.walk("/v1/agent-contexts?limit=4");
		assertThat(pages.subList(0, pages.size() - 1)).allMatch((page) -> page.data().size() == 4);
		List<JsonNode> all = pages.stream().flatMap((page) -> page.data().stream()).toList();
		assertThat(ids(all)).doesNotHaveDuplicates().doesNotContainAnyElementsOf(without);
		assertThat(ids(all).stream().filter(sessions::contains)).containsExactly(sessions.get(0), sessions.get(1),
				sessions.get(2), sessions.get(3), sessions.get(5), sessions.get(7), sessions.get(8));
		assertThat(all).contains(this.api.context(sessions.get(0)), this.api.context(sessions.get(8)));
		this.api.post("/v1/sessions/{id}/restore", sessions.get(6)).send().expect(200);
		assertThat(ids(this.api.walk("/v1/agent-contexts?limit=1000").get(0).data())).contains(sessions.get(6));
	}

	@ParameterizedTest
	@CsvSource({ "limit=0,limit", "limit=1001,limit", "limit=x,limit", "cursor=x,cursor", "cursor=bm9uZXwx,cursor" })
	void refusesAListThatMakesNoSense(String query, String parameter) {
		this.api.get("/v1/agent-contexts?" + query).wrongParameter(parameter);
	}

	@Test
	void refusesTheCursorOfAnotherList() {
		this.api.newSession();
		this.api.newSession();
		String next = this.api.get("/v1/sessions?limit=1&order=created").expect(200).json().path("next").stringValue();
		this.api.get("/v1/agent-contexts?" + next.substring(next.indexOf("cursor="))).wrongParameter("cursor");
	}

	@Test
	void aSessionThatDoesNotExistHasNoAgents() {
		String session = Api.newId();
		this.api.get(CONTEXT, session).problem(404, "session-not-found");
		this.api.get(CONTEXT + "?include_deleted=true", session).problem(404, "session-not-found");
		save(session, "{'current_agent':'a'}").problem(404, "session-not-found");
		this.api.delete(CONTEXT, session).problem(404, "session-not-found");
		this.api.get(SESSION, session).problem(404, "session-not-found");
	}

	@Test
	void aDeletedSessionKeepsItsContext() {
		String session = this.api.newSession();
		saveHistory(session, STORED);
		JsonNode context = this.api.context(session);
		this.api.softDelete(session);
		this.api.get(CONTEXT, session).problem(410, "session-deleted");
		save(session, "{'current_agent':'x','agent_history':[]}").problem(410, "session-deleted");
		this.api.delete(CONTEXT, session).problem(410, "session-deleted");
		assertThat(this.api.get(CONTEXT + "?include_deleted=true", session).expect(200).json()).isEqualTo(context);
		this.api.post("/v1/sessions/{id}/restore", session).send().expect(200);
		assertThat(this.api.context(session)).isEqualTo(context);
	}

	@Test
	void writesAreActivityAndReadsAreNot() {
		String session = this.api.sessionOf(1);
		Instant last = lastActivity(session);
		List<Runnable> writes = List.of(() -> save(session, "{'current_agent':'a'}").expect(200),
				() -> save(session, "{'current_agent':'a'}").expect(200),
				() -> this.api.delete(CONTEXT, session).expect(204));
		for (Runnable write : writes) {
			write.run();
			assertThat(lastActivity(session)).isAfter(last);
			last = lastActivity(session);
		}
		this.api.get(CONTEXT, session).problem(404, "agent-context-not-found");
		this.api.delete(CONTEXT, session).problem(404, "agent-context-not-found");
		save(session, "{'current_agent':''}").problem(400, "invalid-request");
		assertThat(this.api.switches(session)).isEmpty();
		assertThat(lastActivity(session)).isEqualTo(last);
		assertThat(this.api.session(session).path("last_seq").longValue()).isEqualTo(1);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"',
			textBlock = """
					{}                                                             | /current_agent
					{'current_agent':null}                                         | /current_agent
					{'current_agent':''}                                           | /current_agent
					{'current_agent':5}                                            | /current_agent
					{'current_agent':'LONG'}                                       | /current_agent
					{'current_agent':'a','session_id':'x'}                         | /session_id
					{'current_agent':'a','last_switch_at':'2026-01-31T00:00:00Z'}  | /last_switch_at
					{'current_agent':'a','metadata':[]}                            | /metadata
					{'current_agent':'a','metadata':'x'}                           | /metadata
					{'current_agent':'a','created_at':'yesterday'}                 | /created_at
					{'current_agent':'a','created_at':1769850000}                  | /created_at
					{'current_agent':'a','created_at':'10000-01-01T00:00:00Z'}     | /created_at
					{'current_agent':'a','switch_count':-1}                        | /switch_count
					{'current_agent':'a','switch_count':1.5}                       | /switch_count
					{'current_agent':'a','switch_count':'1'}                       | /switch_count
					{'current_agent':'a','agent_history':{}}                       | /agent_history
					{'current_agent':'a','agent_history':'x'}                      | /agent_history
					{'current_agent':'a','agent_history':[5]}                      | /agent_history/0
					{'current_agent':'a','agent_history':[null]}                   | /agent_history/0
					{'current_agent':'a','agent_history':[{}]}                     | /agent_history/0/to
					{'current_agent':'a','agent_history':[{'to':'b'},{'to':''}]}   | /agent_history/1/to
					{'current_agent':'a','agent_history':[{'to':'LONG'}]}          | /agent_history/0/to
					{'current_agent':'a','agent_history':[{'from':'','to':'b'}]}   | /agent_history/0/from
					{'current_agent':'a','agent_history':[{'from':'LONG','to':'b'}]} | /agent_history/0/from
					{'current_agent':'a','agent_history':[{'from':1,'to':'b'}]}    | /agent_history/0/from
					{'current_agent':'a','agent_history':[{'to':'b','reason':1}]}  | /agent_history/0/reason
					{'current_agent':'a','agent_history':[{'to':'b','timestamp':'2026-02-30T00:00:00Z'}]} | /agent_history/0/timestamp
					{'current_agent':'a','agent_history':[{'to':'b','metadata':[]}]} | /agent_history/0/metadata
					{'current_agent':'a','agent_history':[{'to':'b','to_agent':'b'}]} | /agent_history/0/to_agent
					{'current_agent':'a','agent_history':[{'to':'b','switch_no':1}]} | /agent_history/0/switch_no
					[]                                                             | ""
					5                                                              | ""
					""")
	void refusesAContextThatIsNotValid(String body, String pointer) {
		String session = this.api.newSession();
		saveHistory(session, STORED);
		JsonNode before = this.api.context(session);
		JsonNode problem = save(session, body.replace("LONG", "😀".repeat(256))).wrongAt(pointer);
		assertThat(problem.path("errors")).as("a mistake is named once").hasSize(1);
		assertThat(this.api.context(session)).isEqualTo(before);
	}

	@Test
	void namesEveryPlaceThatIsWrong() {
		JsonNode problem = save(this.api.newSession(),
				"{'agent_history':[{'to':''},{'to':'a'},{'x':1,'to':'b'}],'switch_count':-1,'more':0}")
			.problem(400, "invalid-request");
		assertThat(problem.path("errors").valueStream().map((error) -> error.path("pointer").stringValue()))
			.containsExactlyInAnyOrder("/current_agent", "/agent_history/0/to", "/agent_history/2/x", "/switch_count",
					"/more");
	}

	@Test
	void largeMetadataComesBackWhole() {
		String session = this.api.newSession();
		String metadata = "{'x':'" + "x".repeat(900_000) + "'}";
		save(session, "{'current_agent':'a','metadata':" + metadata + "}").expect(200);
		assertThat(this.api.context(session).path("metadata")).isEqualTo(Json.parse(json(metadata)));
	}

	@Test
	void refusesMetadataThatIsTooLarge() {
		String session = this.api.newSession();
		String large = "{'x':'" + "x".repeat(1 << 20) + "'}";
		save(session, "{'current_agent':'a','metadata':" + large + "}").problem(413, "too-large");
		save(session, "{'current_agent':'a','agent_history':[{'to':'b','metadata':" + large + "}]}").problem(413,
				"too-large");
		this.api.get(CONTEXT, session).problem(404, "agent-context-not-found");
	}

	@Test
	void refusesAnIllegalSession() {
		save("a/b", "{'current_agent':'a'}").wrongParameter("session_id");
		this.api.get(CONTEXT, "a/b").wrongParameter("session_id");
		this.api.delete(CONTEXT, "a/b").wrongParameter("session_id");
	}

	private Instant lastActivity(String session) {
		return time(this.api.session(session), "last_activity");
	}

	private static List<String> ids(List<JsonNode> contexts) {
		return contexts.stream().map((context) -> context.path("session_id").stringValue()).toList();
	}

}
