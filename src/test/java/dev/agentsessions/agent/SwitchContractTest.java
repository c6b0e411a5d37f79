package dev.agentsessions.agent;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Api.Request;
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
import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Api.SWITCHES;
import static dev.agentsessions.Api.TURNS;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Switches of agents: each once, one after the other, and only from the agent that holds
 * the session.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class SwitchContractTest {

	private static final String REPLAYED = "Idempotency-Replayed";

	private final Api api;

	SwitchContractTest(Engine engine) {
		this.api = Api.on(engine);
	}

	@Test
	void theFirstSwitchCreatesTheContext() {
		String session = this.api.sessionOf(2);
		Answer answer = makeSwitch(session, "{'to_agent':'planner'}").expect(201);
		assertThat(answer.header(REPLAYED)).isNull();
		String now = this.api.session(session).path("last_activity").stringValue();
		assertThat(Json.value(answer.json())).isEqualTo(Json.value(json(
				"{'switch_no':1,'to_agent':'planner','metadata':{},'at_seq':2,'switched_at':'%s'}".formatted(now))));
		assertThat(Json.value(this.api.context(session))).isEqualTo(Json.value(
				json("{'session_id':'%s','current_agent':'planner','switch_count':1,'metadata':{},".formatted(session)
						+ "'created_at':'%1$s','updated_at':'%1$s','last_switch_at':'%1$s'}".formatted(now))));
		assertThat(this.api.switches(session)).containsExactly(answer.json());
	}

	@Test
	void theFirstSwitchMayNameWhoHeldTheSessionBefore() {
		String session = this.api.newSession();
		JsonNode made = makeSwitch(session, "{'from_agent':'me','to_agent':'you'}").expect(201).json();
		assertThat(made.path("from_agent").stringValue()).isEqualTo("me");
		assertThat(currentAgent(session)).isEqualTo("you");
	}

	@Test
	void keepsEveryFieldOfASwitch() {
		String session = this.api.sessionOf(1);
		this.api.saveContext(session, json("{'current_agent':'a','metadata':{'kept':1}}")).expect(200);
		JsonNode made = makeSwitch(session,
				"{'from_agent':'a','to_agent':'é😀','reason':'\\u2028 \\\"because\\\"','metadata':{'n':[1.50,null],'':{}}}")
			.expect(201)
			.json();
		assertThat(Json.value(made)).isEqualTo(Json.value(
				json("{'switch_no':1,'from_agent':'a','to_agent':'é😀','reason':'\\u2028 \\\"because\\\"','at_seq':1,"
						+ "'metadata':{'n':[1.5,null],'':{}},'switched_at':'" + made.path("switched_at").stringValue()
						+ "'}")));
		assertThat(Json.value(this.api.switches(session).get(0))).isEqualTo(Json.value(made));
		JsonNode context = this.api.context(session);
		assertThat(Json.value(context.path("metadata"))).isEqualTo(Json.value(json("{'kept':1}")));
		assertThat(context.path("last_switch_at")).isEqualTo(made.path("switched_at"));
		assertThat(context.path("updated_at")).isEqualTo(made.path("switched_at"));
	}

	@Test
	void aSwitchLeadsFromWhoeverHoldsTheSession() {
		String session = this.api.newSession();
		for (String agent : List.of("a", "b", "b", "a")) {
			makeSwitch(session, "{'to_agent':'" + agent + "'}").expect(201);
		}
		List<JsonNode> switches = this.api.switches(session);
		assertThat(numbers(switches)).containsExactly(1L, 2L, 3L, 4L);
		assertThat(switches).extracting((each) -> each.path("from_agent").stringValue("-"))
			.containsExactly("-", "a", "b", "b");
		assertThat(this.api.context(session).path("switch_count").longValue()).isEqualTo(4);
	}

	@Test
	void atSeqIsTheLastMessageBeforeTheSwitch() {
		String session = this.api.newSession();
		assertThat(atSeq(session)).isZero();
		this.api.append(session, Json.array(List.of(message("1"), message("2")))).expect(201);
		assertThat(atSeq(session)).isEqualTo(2);
		assertThat(atSeq(session)).isEqualTo(2);
		this.api.save(session, message("other")).expect(200);
		assertThat(atSeq(session)).isEqualTo(4);
		assertThat(this.api.session(session).path("last_seq").longValue()).isEqualTo(4);
	}

	@Test
	void anAgentHasUpTo255Characters() {
		String session = this.api.newSession();
		String longest = "😀".repeat(255);
		makeSwitch(session, "{'from_agent':'%1$s','to_agent':'%1$s'}".formatted(longest)).expect(201);
		makeSwitch(session, "{'from_agent':'%1$s','to_agent':'b'}".formatted(longest)).expect(201);
		assertThat(this.api.switches(session).get(1).path("from_agent").stringValue()).isEqualTo(longest);
	}

	// only from the agent that holds the session

	@Test
	void refusesASwitchFromAnAgentThatDoesNotHoldTheSession() {
		String session = this.api.newSession();
		makeSwitch(session, "{'to_agent':'a'}").expect(201);
		JsonNode before = this.api.session(session);
		JsonNode context = this.api.context(session);
		for (String wrong : List.of("b", "A", "a ")) {
			JsonNode problem = makeSwitch(session, "{'from_agent':'" + wrong + "','to_agent':'c'}").problem(409,
					"agent-conflict");
			assertThat(problem.path("current_agent").stringValue()).isEqualTo("a");
		}
		assertThat(this.api.session(session)).isEqualTo(before);
		assertThat(this.api.context(session)).isEqualTo(context);
		assertThat(this.api.switches(session)).hasSize(1);
		assertThat(makeSwitch(session, "{'from_agent':'a','to_agent':'c'}").expect(201)
			.json()
			.path("switch_no")
			.longValue()).as("a conflict takes no number").isEqualTo(2);
	}

	@Test
	void theAgentOfASavedContextHoldsTheSession() {
		String session = this.api.newSession();
		this.api.saveContext(session, json("{'current_agent':'saved','agent_history':[{'to':'x'}]}")).expect(200);
		makeSwitch(session, "{'from_agent':'x','to_agent':'c'}").problem(409, "agent-conflict");
		makeSwitch(session, "{'from_agent':'saved','to_agent':'c'}").expect(201);
	}

	@Test
	void ofManySwitchesFromTheSameAgentExactlyOneWins() {
		String session = this.api.newSession();
		makeSwitch(session, "{'to_agent':'round 0'}").expect(201);
		String holder = "round 0";
		for (int round = 1; round <= 8; round++) {
			String from = holder;
			String prefix = "round " + round + " by ";
			List<Answer> answers = Api.together(12,
					(i) -> makeSwitch(session, "{'from_agent':'" + from + "','to_agent':'" + prefix + i + "'}"));
			List<Integer> statuses = answers.stream().map(Answer::status).toList();
			assertThat(statuses).containsOnly(201, 409).containsOnlyOnce(201);
			holder = prefix + statuses.indexOf(201);
			String winner = holder;
			assertThat(answers).filteredOn((answer) -> answer.status() == 409)
				.allMatch((answer) -> answer.json().path("current_agent").stringValue().equals(winner));
			assertThat(currentAgent(session)).isEqualTo(winner);
		}
		assertThat(numbers(this.api.switches(session))).isEqualTo(LongStream.rangeClosed(1, 9).boxed().toList());
		assertThat(this.api.context(session).path("switch_count").longValue()).isEqualTo(9);
	}

	@Test
	void concurrentSwitchesFollowOneAnother() {
		String session = this.api.newSession();
		List<List<Answer>> answers = Api.together(10,
				(writer) -> IntStream.range(0, 8)
					.mapToObj((n) -> makeSwitch(session, "{'to_agent':'" + writer + "/" + n + "'}").expect(201))
					.toList());
		List<JsonNode> switches = this.api.switches(session);
		assertThat(numbers(switches)).isEqualTo(LongStream.rangeClosed(1, 80).boxed().toList());
		assertThat(switches)
			.containsExactlyInAnyOrderElementsOf(answers.stream().flatMap(List::stream).map(Answer::json).toList());
		for (int i = 1; i < switches.size(); i++) {
			assertThat(switches.get(i).path("from_agent")).isEqualTo(switches.get(i - 1).path("to_agent"));
		}
		assertThat(currentAgent(session)).isEqualTo(switches.get(79).path("to_agent").stringValue());
	}

	// the list

	@Test
	void listsTheNewestFirstUnlessAskedOtherwise() {
		String session = this.api.newSession();
		IntStream.rangeClosed(1, 5).forEach((i) -> makeSwitch(session, "{'to_agent':'" + i + "'}").expect(201));
		List<JsonNode> asc = this.api.get(SWITCHES + "?order=asc", session).expect(200).data();
		List<JsonNode> desc = this.api.get(SWITCHES, session).expect(200).data();
		assertThat(numbers(asc)).containsExactly(1L, 2L, 3L, 4L, 5L);
		assertThat(this.api.get(SWITCHES + "?order=desc", session).expect(200).data()).isEqualTo(desc);
		List<JsonNode> reversed = new ArrayList<>(desc);
		Collections.reverse(reversed);
		assertThat(reversed).isEqualTo(asc);
	}

	@ParameterizedTest
	@ValueSource(strings = { "asc", "desc" })
	void aListIsReadInParts(String order) {
		String session = this.api.newSession();
		history(session, 10);
		history(session, 9); // replaced: 12 to 20
		for (int limit : List.of(1, 4, 9, 1000)) {
			List<Answer> pages = this.api.walk(SWITCHES + "?order=" + order + "&limit=" + limit, session);
			assertThat(pages).hasSize((9 + limit - 1) / limit);
			List<Long> numbers = pages.stream().flatMap((page) -> numbers(page.data()).stream()).toList();
			assertThat(numbers).isSortedAccordingTo((a, b) -> order.equals("asc") ? a.compareTo(b) : b.compareTo(a))
				.containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(12, 20).boxed().toList());
		}
	}

	@Test
	void aListHas100SwitchesUnlessAskedOtherwise() {
		String session = this.api.newSession();
		history(session, 101);
		Answer answer = this.api.get(SWITCHES, session).expect(200);
		assertThat(numbers(answer.data())).hasSize(100).startsWith(101L).endsWith(2L);
		assertThat(this.api.get(answer.json().path("next").stringValue()).expect(200).data()).hasSize(1);
	}

	@Test
	void aPartGoesOnWhereItEndedWhileSwitchesAreMade() {
		String session = this.api.newSession();
		history(session, 4);
		Answer oldest = this.api.get(SWITCHES + "?order=asc&limit=3", session).expect(200);
		Answer newest = this.api.get(SWITCHES + "?limit=3", session).expect(200);
		makeSwitch(session, "{'to_agent':'new'}").expect(201);
		assertThat(numbers(next(oldest).data())).containsExactly(4L, 5L);
		assertThat(numbers(next(newest).data())).containsExactly(1L);
	}

	@Test
	void theListOfADeletedSessionCanBeAskedFor() {
		String session = this.api.newSession();
		history(session, 5);
		this.api.softDelete(session);
		List<Answer> pages = this.api.walk(SWITCHES + "?include_deleted=true&limit=2", session);
		assertThat(pages.stream().flatMap((page) -> numbers(page.data()).stream())).containsExactly(5L, 4L, 3L, 2L, 1L);
	}

	@Test
	void aSessionWithoutAContextHasNoSwitches() {
		String session = this.api.sessionOf(1);
		Answer answer = this.api.get(SWITCHES, session).expect(200);
		assertThat(Json.value(answer.json())).isEqualTo(Json.value(json("{'data':[],'has_more':false}")));
		this.api.saveContext(session, json("{'current_agent':'a'}")).expect(200);
		assertThat(this.api.get(SWITCHES, session).expect(200).json()).isEqualTo(answer.json());
	}

	@ParameterizedTest
	@CsvSource({ "limit=0,limit", "limit=1001,limit", "limit=a,limit", "order=up,order", "order=asc&order=asc,order",
			"cursor=a,cursor", "include_deleted=1,include_deleted" })
	void refusesAListThatMakesNoSense(String query, String parameter) {
		this.api.get(SWITCHES + "?" + query, this.api.newSession()).wrongParameter(parameter);
	}

	@Test
	void refusesTheCursorOfTheOtherOrder() {
		String session = this.api.newSession();
		history(session, 3);
		String next = this.api.get(SWITCHES + "?order=asc&limit=1", session).json().path("next").stringValue();
		this.api.get(next.replace("order=asc", "order=desc")).wrongParameter("cursor");
	}

	// where there is nothing

	@Test
	void aSessionThatDoesNotExistIsNotCreated() {
		String session = Api.newId();
		makeSwitch(session, "{'to_agent':'a'}").problem(404, "session-not-found");
		withKey(session, "key").json(json("{'to_agent':'a'}")).send().problem(404, "session-not-found");
		this.api.get(SWITCHES, session).problem(404, "session-not-found");
		this.api.get(SESSION, session).problem(404, "session-not-found");
	}

	@Test
	void aDeletedSessionIsGone() {
		String session = this.api.newSession();
		makeSwitch(session, "{'to_agent':'a'}").expect(201);
		this.api.softDelete(session);
		makeSwitch(session, "{'to_agent':'b'}").problem(410, "session-deleted");
		makeSwitch(session, "{'from_agent':'x','to_agent':'b'}").problem(410, "session-deleted");
		this.api.get(SWITCHES, session).problem(410, "session-deleted");
		this.api.post("/v1/sessions/{id}/restore", session).send().expect(200);
		assertThat(this.api.switches(session)).hasSize(1);
	}

	@Test
	void aSwitchIsActivity() {
		String session = this.api.sessionOf(1);
		JsonNode before = this.api.session(session);
		JsonNode made = makeSwitch(session, "{'to_agent':'a'}").expect(201).json();
		JsonNode after = this.api.session(session);
		assertThat(after.path("last_activity")).isEqualTo(made.path("switched_at"))
			.isNotEqualTo(before.path("last_activity"));
		assertThat(after.path("last_seq")).isEqualTo(before.path("last_seq"));
		this.api.get(SWITCHES, session).expect(200);
		assertThat(this.api.session(session)).isEqualTo(after);
	}

	// idempotency keys

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
		assertThat(numbers(this.api.switches(session))).containsExactly(1L, 2L);
		assertThat(this.api.session(session)).as("a replay is no activity").isEqualTo(before);
	}

	@Test
	void aRetryGetsTheFirstAnswerWhenTheSwitchIsNoLongerThere() {
		String session = this.api.newSession();
		Answer first = withKey(session, "key").json(json("{'to_agent':'a'}")).send().expect(201);
		this.api.saveContext(session, json("{'current_agent':'b','agent_history':[{'to':'b'}]}")).expect(200);
		assertReplayed(first, withKey(session, "key").json(json("{'to_agent':'a'}")).send());
		this.api.delete(CONTEXT, session).expect(204);
		assertReplayed(first, withKey(session, "key").json(json("{'to_agent':'a'}")).send());
		this.api.get(CONTEXT, session).problem(404, "agent-context-not-found");
	}

	@Test
	void aKnownKeyWinsOverTheAgentThatMustHoldTheSession() {
		String session = this.api.newSession();
		makeSwitch(session, "{'to_agent':'a'}").expect(201);
		Answer first = withKey(session, "key").json(json("{'from_agent':'a','to_agent':'b'}")).send().expect(201);
		assertReplayed(first, withKey(session, "key").json(json("{'from_agent':'a','to_agent':'b'}")).send());
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
		assertReplayed(first, withKey(session, "key").json(json("{'to_agent':'a'}")).send());
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

	// what can't be made

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
		makeSwitch(session, "{'to_agent':'a','metadata':{'x':'" + "x".repeat(1 << 20) + "'}}").problem(413,
				"too-large");
		this.api.get(CONTEXT, session).problem(404, "agent-context-not-found");
	}

	@Test
	void refusesAnotherMediaType() {
		String session = this.api.newSession();
		this.api.post(SWITCHES, session).ndjson(json("{'to_agent':'a'}")).send().problem(415, "unsupported-media-type");
		this.api.post(SWITCHES, session).send().problem(415, "unsupported-media-type");
	}

	private Answer makeSwitch(String session, String json) {
		return this.api.makeSwitch(session, json(json));
	}

	private Request withKey(String session, String key) {
		return this.api.post(SWITCHES, session).header("Idempotency-Key", key);
	}

	private String currentAgent(String session) {
		return this.api.context(session).path("current_agent").stringValue();
	}

	/** Makes a switch. */
	private long atSeq(String session) {
		return makeSwitch(session, "{'to_agent':'a'}").expect(201).json().path("at_seq").longValue();
	}

	/** Saves a history of this length; of another length, it replaces. */
	private void history(String session, int length) {
		List<String> entries = IntStream.rangeClosed(1, length)
			.mapToObj((i) -> "{'from':'%d of %d','to':'x'}".formatted(i, length))
			.toList();
		this.api.saveContext(session, json("{'current_agent':'x','agent_history':" + Json.array(entries) + "}"))
			.expect(200);
	}

	private Answer next(Answer page) {
		return this.api.get(page.json().path("next").stringValue()).expect(200);
	}

	private static void assertReplayed(Answer first, Answer again) {
		assertThat(again.expect(201).header(REPLAYED)).isEqualTo("true");
		assertThat(Json.value(again.json())).isEqualTo(Json.value(first.json()));
	}

	private static List<Long> numbers(List<JsonNode> switches) {
		return switches.stream().map((each) -> each.path("switch_no").longValue()).toList();
	}

}
