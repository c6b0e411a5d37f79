package dev.agentsessions.turn;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
import static dev.agentsessions.Api.HISTORY;
import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Api.SWITCHES;
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
class TurnContractTest {

	private static final String REPLAYED = "Idempotency-Replayed";

	private static final String WHOLE = "{'agent_context':{'metadata':{'after':[1.50]}},'agent_switch':{'to_agent':'b',"
			+ "'reason':'done','metadata':{'n':1}},'messages':[{'role':'user','content':'a','token_count':2},"
			+ "{'role':'assistant','tool_calls':[{'id':'c'}],'token_count':3}]}";

	private final Api api;

	TurnContractTest(Engine engine) {
		this.api = Api.on(engine);
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

	// all or nothing

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

	// If-Match

	@Test
	void isTakenOnlyIfTheSessionHasNotMovedOn() {
		String session = this.api.sessionOf(2);
		Map<String, JsonNode> before = everything(session);
		for (String stale : List.of("\"1\"", "\"0\"", "\"3\"")) {
			JsonNode problem = ifMatch(session, stale).json(json(WHOLE)).send().problem(412, "sequence-conflict");
			assertThat(problem.path("last_seq").longValue()).isEqualTo(2);
		}
		assertThat(everything(session)).isEqualTo(before);
		ifMatch(session, this.api.get(SESSION, session).etag()).json(json(WHOLE)).send().expect(201);
		ifMatch(session, "\"4\"").json(json("{'agent_switch':{'to_agent':'c'}}")).send().expect(201);
		ifMatch(session, "\"4\"").json(json("{'agent_switch':{'to_agent':'d'}}")).send().expect(201);
		ifMatch(session, "4").json(json(WHOLE)).send().wrongParameter("If-Match");
		String created = Api.newId();
		ifMatch(created, "\"0\"").json(json(WHOLE)).send().expect(201);
	}

	@Test
	void ofManyTurnsAfterTheSameMessageExactlyOneWins() {
		String session = Api.newId();
		for (int round = 0; round < 5; round++) {
			String tag = "\"" + round * 2 + "\"";
			List<Integer> statuses = Api.together(10,
					(i) -> ifMatch(session, tag)
						.json(json("{'messages':[{'role':'user','content':'" + i + "'},{'role':'user','content':'" + i
								+ "'}],'agent_switch':{'to_agent':'" + i + "'}}"))
						.send()
						.status());
			assertThat(statuses).containsOnly(201, 412).containsOnlyOnce(201);
			String winner = Integer.toString(statuses.indexOf(201));
			List<String> contents = this.api.contents(session);
			assertThat(contents.subList(round * 2, contents.size())).containsExactly(winner, winner);
			assertThat(this.api.context(session).path("current_agent").stringValue()).isEqualTo(winner);
			assertThat(numbers(this.api.switches(session)))
				.isEqualTo(LongStream.rangeClosed(1, round + 1L).boxed().toList());
		}
	}

	// idempotency keys

	@Test
	void aRetryGetsTheFirstAnswerAgain() {
		String session = this.api.sessionOf(1);
		Answer first = withKey(session, "key").json(json(WHOLE)).send().expect(201);
		assertThat(first.header(REPLAYED)).isNull();
		this.api.append(session, message("between")).expect(201);
		Map<String, JsonNode> before = everything(session);
		assertReplayed(first, withKey(session, "key").json(json(WHOLE)).send());
		assertReplayed(first, withKey(session, "key").json(json(WHOLE).replace(",", "\n,\t")).send());
		assertThat(everything(session)).isEqualTo(before);
		this.api.saveContext(session, json("{'current_agent':'x','agent_history':[]}")).expect(200);
		assertReplayed(first, withKey(session, "key").json(json(WHOLE)).send());
		this.api.delete(CONTEXT, session).expect(204);
		assertReplayed(first, withKey(session, "key").json(json(WHOLE)).send());
		this.api.save(session, message("other")).expect(200);
		assertReplayed(first, withKey(session, "key").json(json(WHOLE)).send());
		assertThat(this.api.contents(session)).containsExactly("other");
		this.api.get(CONTEXT, session).problem(404, "agent-context-not-found");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{'messages':[{'role':'user','content':'a'}]}", "{'agent_switch':{'to_agent':'c'}}",
			"{'agent_context':{'metadata':{'x':1}}}" })
	void everyPartAloneIsReplayed(String turn) {
		String session = this.api.sessionOf(1);
		this.api.makeSwitch(session, json("{'to_agent':'a'}")).expect(201);
		Answer first = withKey(session, "key").json(json(turn)).send().expect(201);
		Map<String, JsonNode> before = everything(session);
		assertReplayed(first, withKey(session, "key").json(json(turn)).send());
		assertThat(everything(session)).isEqualTo(before);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{'messages':[{'role':'user','content':'a'}]}",
			"{'messages':[{'role':'user','content':'a'}],'agent_switch':{'to_agent':'b'}}",
			"{'messages':[{'role':'user','content':'a'}],'agent_context':{'metadata':{'x':1}}}",
			"{'messages':[{'role':'user','content':'A'}],'agent_switch':{'to_agent':'b'},'agent_context':{'metadata':{'x':1}}}",
			"{'messages':[{'role':'user','content':'a'}],'agent_switch':{'to_agent':'c'},'agent_context':{'metadata':{'x':1}}}",
			"{'messages':[{'role':'user','content':'a'}],'agent_switch':{'to_agent':'b'},'agent_context':{'metadata':{'x':2}}}",
			"{'agent_switch':{'to_agent':'b'},'agent_context':{'metadata':{'x':1}}}" })
	void aKeyIsNotForAnotherBody(String other) {
		String session = Api.newId();
		withKey(session, "key")
			.json(json("{'messages':[{'role':'user','content':'a'}],'agent_switch':{'to_agent':'b'},"
					+ "'agent_context':{'metadata':{'x':1}}}"))
			.send()
			.expect(201);
		Map<String, JsonNode> before = everything(session);
		withKey(session, "key").json(json(other)).send().problem(422, "idempotency-key-reused");
		assertThat(everything(session)).isEqualTo(before);
	}

	@Test
	void aKeyIsNotForAnAppendOfTheSameMessages() {
		String session = this.api.newSession();
		withKey(session, "turn").json(json(turn("a"))).send().expect(201);
		this.api.post(MESSAGES, session)
			.header("Idempotency-Key", "turn")
			.json(message("a"))
			.send()
			.problem(422, "idempotency-key-reused");
		this.api.post(MESSAGES, session).header("Idempotency-Key", "append").json(message("a")).send().expect(201);
		withKey(session, "append").json(json(turn("a"))).send().problem(422, "idempotency-key-reused");
		assertThat(this.api.contents(session)).containsExactly("a", "a");
	}

	@Test
	void aKnownKeyWinsOverIfMatchAndOverTheAgentThatMustHoldTheSession() {
		String session = this.api.sessionOf(1);
		this.api.makeSwitch(session, json("{'to_agent':'a'}")).expect(201);
		String body = json(
				"{'messages':[{'role':'user','content':'2'}],'agent_switch':{'from_agent':'a','to_agent':'b'}}");
		Answer first = withKey(session, "key").header("If-Match", "\"1\"").json(body).send().expect(201);
		assertReplayed(first, withKey(session, "key").header("If-Match", "\"1\"").json(body).send());
		withKey(session, "new").header("If-Match", "\"1\"").json(body).send().problem(412, "sequence-conflict");
		withKey(session, "new").header("If-Match", "\"2\"").json(body).send().problem(409, "agent-conflict");
		assertThat(this.api.contents(session)).containsExactly("1", "2");
	}

	@Test
	void manyRetriesAtOnceAreOneTurn() {
		String session = Api.newId();
		List<Answer> answers = Api.together(12, (i) -> withKey(session, "key").json(json(WHOLE)).send().expect(201));
		assertThat(answers).extracting((answer) -> Json.value(answer.json()))
			.containsOnly(Json.value(answers.get(0).json()));
		assertThat(answers).filteredOn((answer) -> answer.header(REPLAYED) == null).hasSize(1);
		assertThat(this.api.log(session)).hasSize(2);
		assertThat(this.api.switches(session)).hasSize(1);
	}

	// at the same time

	@Test
	void concurrentTurnsAndAppendsGetEveryNumberOnceAndStayTogether() {
		String session = Api.newId();
		int writers = 12;
		int each = 8;
		List<List<Answer>> answers = Api.together(writers,
				(writer) -> IntStream.range(0, each).mapToObj((n) -> switch (writer % 4) {
					case 0 -> this.api.append(session, Json.array(messages(writer, n))).expect(201);
					case 1 -> takeTurn(session, "{'agent_switch':{'to_agent':'" + writer + "'}}").expect(201);
					default ->
						takeTurn(session,
								"{'messages':" + Json.array(messages(writer, n)) + ",'agent_switch':{'to_agent':'"
										+ writer + "'},'agent_context':{'metadata':{'by':" + writer + "}}}")
							.expect(201);
				}).toList());
		List<JsonNode> log = this.api.log(session);
		List<JsonNode> switches = this.api.switches(session);
		assertThat(log).extracting((message) -> message.path("seq").longValue())
			.isEqualTo(LongStream.rangeClosed(1, log.size()).boxed().toList());
		assertThat(numbers(switches)).isEqualTo(LongStream.rangeClosed(1, switches.size()).boxed().toList());
		List<JsonNode> made = new ArrayList<>();
		int appended = 0;
		for (int writer = 0; writer < writers; writer++) {
			for (int n = 0; n < each; n++) {
				JsonNode answer = answers.get(writer).get(n).json();
				if (answer.has("first_seq")) {
					List<String> stored = log
						.subList((int) answer.path("first_seq").longValue() - 1,
								(int) answer.path("last_seq").longValue())
						.stream()
						.map((message) -> message(message.path("content").stringValue()))
						.toList();
					assertThat(stored).isEqualTo(messages(writer, n));
					appended += stored.size();
				}
				if (answer.has("agent_switch")) {
					assertThat(answer.path("agent_switch").path("at_seq")).isEqualTo(answer.path("last_seq"));
					made.add(answer.path("agent_switch"));
				}
			}
		}
		assertThat(log).hasSize(appended);
		assertThat(switches).containsExactlyInAnyOrderElementsOf(made);
		for (int i = 1; i < switches.size(); i++) {
			assertThat(switches.get(i).path("from_agent")).isEqualTo(switches.get(i - 1).path("to_agent"));
			assertThat(switches.get(i).path("at_seq").longValue())
				.isGreaterThanOrEqualTo(switches.get(i - 1).path("at_seq").longValue());
		}
		assertThat(this.api.stats(session).path("message_count").longValue()).isEqualTo(appended);
		assertThat(this.api.context(session).path("switch_count").longValue()).isEqualTo(switches.size());
	}

	@Test
	void aLostConflictBesideOtherTurnsLeavesNoGap() {
		String session = Api.newId();
		takeTurn(session, "{'agent_switch':{'to_agent':'start'}}").expect(201);
		List<Answer> answers = Api.together(12, (i) -> takeTurn(session, "{'messages':" + Json.array(messages(i, 2))
				+ (i % 2 == 0 ? ",'agent_switch':{'from_agent':'start','to_agent':'" + i + "'}}" : "}")));
		List<Integer> conditional = IntStream.range(0, 6).mapToObj((i) -> answers.get(i * 2).status()).toList();
		assertThat(conditional).containsOnly(201, 409).containsOnlyOnce(201);
		List<JsonNode> log = this.api.log(session);
		assertThat(log).hasSize(7 * 3)
			.extracting((message) -> message.path("seq").longValue())
			.isEqualTo(LongStream.rangeClosed(1, 7 * 3).boxed().toList());
		assertThat(this.api.switches(session)).hasSize(2);
	}

	// what can't be taken

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

	private Answer takeTurn(String session, String turn) {
		return this.api.takeTurn(session, json(turn));
	}

	private Request withKey(String session, String key) {
		return this.api.post(TURNS, session).header("Idempotency-Key", key);
	}

	private Request ifMatch(String session, String tag) {
		return this.api.post(TURNS, session).header("If-Match", tag);
	}

	/** All that a session holds. */
	private Map<String, JsonNode> everything(String session) {
		return Map.of("session", this.api.session(session), "stats", this.api.stats(session), "messages",
				this.api.page(session, "after=0").expect(200).json(), "history",
				this.api.get(HISTORY, session).expect(200).json(), "context", this.api.get(CONTEXT, session).json(),
				"switches", this.api.get(SWITCHES, session).expect(200).json());
	}

	/** A turn of nothing but messages of the user. */
	private static String turn(String... contents) {
		return "{\"messages\":" + Json.array(List.of(contents).stream().map(Json::message).toList()) + "}";
	}

	/** What the nth request of a writer appends: one to three messages that say so. */
	private static List<String> messages(int writer, int n) {
		return IntStream.rangeClosed(0, n % 3).mapToObj((i) -> message(writer + "/" + n + "/" + i)).toList();
	}

	private static List<Long> range(JsonNode taken) {
		return List.of(taken.path("first_seq").longValue(), taken.path("last_seq").longValue());
	}

	private static List<Long> numbers(List<JsonNode> switches) {
		return switches.stream().map((each) -> each.path("switch_no").longValue()).toList();
	}

	private static void assertReplayed(Answer first, Answer again) {
		assertThat(again.expect(201).header(REPLAYED)).isEqualTo("true");
		assertThat(Json.value(again.json())).isEqualTo(Json.value(first.json()));
	}

}
