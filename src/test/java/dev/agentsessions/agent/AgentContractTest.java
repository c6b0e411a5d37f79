package dev.agentsessions.agent;

import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
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
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import static dev.agentsessions.Api.CONTEXT;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Api.SWITCHES;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The context of a session: which agent holds it, what is remembered beside, and the
 * whole history of switches saved at once.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class AgentContractTest {

	private static final String STORED = "{'from':'a','to':'b','reason':'r','timestamp':'2026-01-31T09:26:53.589793Z',"
			+ "'metadata':{'x':1000,'y':[1.0,null]}}";

	private final Api api;

	AgentContractTest(Engine engine) {
		this.api = Api.on(engine);
	}

	@Test
	void aHistoryOfMoreSwitchesThanMayBeIsRefused() {
		String session = this.api.sessionOf(1);
		String one = "{'from':'a','to':'b'}";
		save(session, "{'current_agent':'b','agent_history':[" + (one + ",").repeat(10_000) + one + "]}").problem(413,
				"too-large");
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

	// the history

	@Test
	void aLongerHistoryAppendsTheRest() {
		String session = this.api.sessionOf(1);
		saveHistory(session, "{'from':'a','to':'b','metadata':{'kept':true}}", "{'from':'b','to':'c'}");
		List<JsonNode> before = this.api.switches(session);
		this.api.append(session, message("2")).expect(201);
		saveHistory(session, "{'from':'a','to':'b'}", "{'from':'b','to':'c'}", "{'from':'c','to':'a'}",
				"{'from':'a','to':'b'}");
		List<JsonNode> after = this.api.switches(session);
		assertThat(after.subList(0, 2)).isEqualTo(before);
		assertThat(numbers(after)).containsExactly(1L, 2L, 3L, 4L);
		assertThat(after).extracting((each) -> each.path("at_seq").longValue()).containsExactly(1L, 1L, 2L, 2L);
		assertThat(count(session)).isEqualTo(4);
		assertThat(this.api.context(session).path("last_switch_at")).isEqualTo(after.get(3).path("switched_at"));
	}

	@Test
	void anEqualHistoryChangesNothing() {
		String session = this.api.newSession();
		saveHistory(session, STORED, "{'from':'b','to':'c'}");
		List<JsonNode> before = this.api.switches(session);
		saveHistory(session, STORED, "{'from':'b','to':'c'}");
		assertThat(this.api.switches(session)).isEqualTo(before);
		assertThat(nextNumber(session)).isEqualTo(3);
	}

	@Test
	void aDifferentHistoryReplacesAndTakesOneNumber() {
		String session = this.api.sessionOf(1);
		saveHistory(session, "{'from':'a','to':'b'}", "{'from':'b','to':'c'}");
		saveHistory(session, "{'from':'a','to':'b'}", "{'from':'b','to':'x'}");
		List<JsonNode> switches = this.api.switches(session);
		assertThat(numbers(switches)).containsExactly(4L, 5L);
		assertThat(switches).extracting((each) -> each.path("to_agent").stringValue()).containsExactly("b", "x");
		assertThat(count(session)).isEqualTo(2);
		assertThat(nextNumber(session)).isEqualTo(6);
	}

	@Test
	void aShorterHistoryReplaces() {
		String session = this.api.newSession();
		saveHistory(session, "{'from':'a','to':'b'}", "{'from':'b','to':'c'}", "{'from':'c','to':'d'}");
		saveHistory(session, "{'from':'a','to':'b'}", "{'from':'b','to':'c'}");
		assertThat(numbers(this.api.switches(session))).containsExactly(5L, 6L);
	}

	@Test
	void anEmptyHistoryReplacesToo() {
		String session = this.api.newSession();
		saveHistory(session);
		saveHistory(session, "{'from':'a','to':'b'}", "{'from':'b','to':'c'}");
		assertThat(numbers(this.api.switches(session))).containsExactly(1L, 2L);
		saveHistory(session);
		assertThat(this.api.switches(session)).isEmpty();
		assertThat(this.api.context(session).has("last_switch_at")).isFalse();
		assertThat(count(session)).isZero();
		assertThat(nextNumber(session)).isEqualTo(4);
	}

	@Test
	void aHistoryContinuesSwitchesThatWereMade() {
		String session = this.api.newSession();
		this.api.makeSwitch(session, json("{'to_agent':'a','reason':'first'}")).expect(201);
		this.api.makeSwitch(session, json("{'to_agent':'b','metadata':{'n':1e2}}")).expect(201);
		List<JsonNode> before = this.api.switches(session);
		saveHistory(session, "{'to':'a','reason':'first'}", "{'from':'a','to':'b','metadata':{'n':100}}",
				"{'from':'b','to':'c'}");
		List<JsonNode> after = this.api.switches(session);
		assertThat(numbers(after)).containsExactly(1L, 2L, 3L);
		assertThat(after.subList(0, 2)).isEqualTo(before);
	}

	@Test
	void aHistoryMadeOfWhatTheListAnswersChangesNothing() {
		String session = this.api.newSession();
		this.api.makeSwitch(session, json("{'to_agent':'a'}")).expect(201);
		this.api.makeSwitch(session, json("{'to_agent':'b','reason':'','metadata':{'n':[1.50]}}")).expect(201);
		saveHistory(session, "{'to':'a'}", "{'from':'a','to':'b','reason':'','metadata':{'n':[1.5]}}", STORED);
		List<JsonNode> before = this.api.switches(session);
		assertThat(numbers(before)).containsExactly(1L, 2L, 3L);
		saveHistory(session, before.stream().map(AgentContractTest::entry).toArray(String[]::new));
		assertThat(this.api.switches(session)).isEqualTo(before);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{'from':'A','to':'b','reason':'r'}", "{'to':'b','reason':'r'}",
			"{'from':'a','to':'b ','reason':'r'}", "{'from':'a','to':'b','reason':'R'}", "{'from':'a','to':'b'}",
			"{'from':'a','to':'b','reason':''}",
			"{'from':'a','to':'b','reason':'r','timestamp':'2026-01-31T09:26:53.589794Z'}",
			"{'from':'a','to':'b','reason':'r','metadata':{}}",
			"{'from':'a','to':'b','reason':'r','metadata':{'x':1000,'y':[1,'null']}}",
			"{'from':'a','to':'b','reason':'r','metadata':{'x':'1000','y':[1,null]}}" })
	void whatDiffersInAnyFieldIsReplaced(String other) {
		String session = this.api.newSession();
		saveHistory(session, STORED);
		saveHistory(session, other);
		assertThat(numbers(this.api.switches(session))).containsExactly(3L);
		saveHistory(session, other);
		assertThat(numbers(this.api.switches(session))).containsExactly(3L);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{'from':'a','to':'b','reason':'r'}",
			"{'from':'a','to':'b','reason':'r','timestamp':null,'metadata':null}",
			"{'from':'a','to':'b','reason':'r','timestamp':'2026-01-31T09:26:53.589793'}",
			"{'from':'a','to':'b','reason':'r','timestamp':'2026-01-31T11:26:53.589793+02:00'}",
			"{'metadata':{'y':[1,null],'x':1e3},'reason':'r','to':'b','from':'a'}" })
	void timeAndMetadataAreComparedByValueAndWhereTheyAreSent(String same) {
		String session = this.api.newSession();
		saveHistory(session, STORED);
		List<JsonNode> before = this.api.switches(session);
		saveHistory(session, same);
		assertThat(this.api.switches(session)).isEqualTo(before);
	}

	@Test
	void aHistoryMayBeLong() {
		String session = this.api.newSession();
		String[] history = IntStream.range(0, 900)
			.mapToObj((i) -> "{'from':'agent %d','to':'agent %d'}".formatted(i, i + 1))
			.toArray(String[]::new);
		saveHistory(session, history);
		saveHistory(session, history);
		List<JsonNode> switches = this.api.switches(session);
		assertThat(numbers(switches)).isEqualTo(LongStream.rangeClosed(1, 900).boxed().toList());
		assertThat(switches.get(899).path("to_agent").stringValue()).isEqualTo("agent 900");
	}

	@Test
	void concurrentSavesOfOneGrowingHistoryNeverLoseOrDoubleASwitch() {
		String session = this.api.newSession();
		for (int round = 1; round <= 5; round++) {
			String[] grown = IntStream.range(0, round * 4)
				.mapToObj((i) -> "{'from':'%d','to':'%d'}".formatted(i, i + 1))
				.toArray(String[]::new);
			Api.together(8, (i) -> {
				saveHistory(session, grown);
				return true;
			});
			assertThat(numbers(this.api.switches(session)))
				.isEqualTo(LongStream.rangeClosed(1, grown.length).boxed().toList());
			assertThat(count(session)).isEqualTo(grown.length);
		}
	}

	// removing

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
		assertThat(numbers(this.api.switches(session))).containsExactly(5L);
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

	// the list

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

	// where there is nothing

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

	// activity

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

	// what can't be saved

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

	private Answer save(String session, String context) {
		return this.api.saveContext(session, json(context));
	}

	private void saveHistory(String session, String... entries) {
		save(session, "{'current_agent':'a','agent_history':" + Json.array(List.of(entries)) + "}").expect(200);
	}

	private long count(String session) {
		return this.api.context(session).path("switch_count").longValue();
	}

	/** Makes a switch. */
	private long nextNumber(String session) {
		return this.api.makeSwitch(session, json("{'to_agent':'next'}"))
			.expect(201)
			.json()
			.path("switch_no")
			.longValue();
	}

	private Instant lastActivity(String session) {
		return time(this.api.session(session), "last_activity");
	}

	/** An answered switch as an entry of a history. */
	private static String entry(JsonNode made) {
		return made.toString()
			.replaceFirst("\"switch_no\":\\d+,", "")
			.replaceFirst(",\"at_seq\":\\d+", "")
			.replace("\"from_agent\"", "\"from\"")
			.replace("\"to_agent\"", "\"to\"")
			.replace("\"switched_at\"", "\"timestamp\"");
	}

	private static List<Long> numbers(List<JsonNode> switches) {
		return switches.stream().map((each) -> each.path("switch_no").longValue()).toList();
	}

	private static List<String> ids(List<JsonNode> contexts) {
		return contexts.stream().map((context) -> context.path("session_id").stringValue()).toList();
	}

	private static Instant time(JsonNode node, String field) {
		return Instant.parse(node.path(field).stringValue());
	}

}
