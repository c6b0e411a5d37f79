package dev.agentsessions.turn;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import static dev.agentsessions.Api.CONTEXT;
import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Fields.switchNumbers;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Turns that meet others: under a condition, with a key, at the same time.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class RepeatedTurnsContractTest extends TurnFixture {

	RepeatedTurnsContractTest(Engine engine) {
		super(engine);
	}

	@Test
	void aRetryGetsTheFirstAnswerAgain() {
		String session = this.api.sessionOf(1);
		Answer first = withKey(session, "key").json(json(WHOLE)).send().expect(201);
		assertThat(first.header(REPLAYED)).isNull();
		this.api.append(session, message("between")).expect(201);
		Map<String, JsonNode> before = everything(session);
		withKey(session, "key").json(json(WHOLE)).send().replays(first);
		withKey(session, "key").json(json(WHOLE).replace(",", "\n,\t")).send().replays(first);
		assertThat(everything(session)).isEqualTo(before);
		this.api.saveContext(session, json("{'current_agent':'x','agent_history':[]}")).expect(200);
		withKey(session, "key").json(json(WHOLE)).send().replays(first);
		this.api.delete(CONTEXT, session).expect(204);
		withKey(session, "key").json(json(WHOLE)).send().replays(first);
		this.api.save(session, message("other")).expect(200);
		withKey(session, "key").json(json(WHOLE)).send().replays(first);
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
		withKey(session, "key").json(json(turn)).send().replays(first);
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
	void nullIsTheSameAsAbsent() {
		String session = Api.newId();
		Answer first = withKey(session, "key").json(json("{'session':{'owner':'ann','title':null}}"))
			.send()
			.expect(201);
		withKey(session, "key").json(json("{'session':{'owner':'ann'}}")).send().replays(first);
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
		withKey(session, "key").header("If-Match", "\"1\"").json(body).send().replays(first);
		withKey(session, "new").header("If-Match", "\"1\"").json(body).send().problem(412, "sequence-conflict");
		withKey(session, "new").header("If-Match", "\"2\"").json(body).send().problem(409, "agent-conflict");
		assertThat(this.api.contents(session)).containsExactly("1", "2");
	}

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
		assertThat(switchNumbers(switches)).isEqualTo(LongStream.rangeClosed(1, switches.size()).boxed().toList());
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

	/** What the nth request of a writer appends: one to three messages that say so. */
	private static List<String> messages(int writer, int n) {
		return IntStream.rangeClosed(0, n % 3).mapToObj((i) -> message(writer + "/" + n + "/" + i)).toList();
	}

}
